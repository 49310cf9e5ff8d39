# season.sh - reads a season folder (tests/data/README.md): its CSV files by column, and
# its texts as CSV files of sections. Sourced by demo.sh; $season is the folder.

# rows FILE OUT [COLUMN VALUE]...: column OUT of the rows where every COLUMN is VALUE.
# Nothing where the season has no such file. A cell ends with its line.
rows() {
	[ -f "$season/$1" ] || return 0
	awk -v out="$2" -v want="$(shift 2; printf '%s\n' "$@")" '
	function split_csv(line,   n, i, c, quoted, cell) {
		n = 1; cell = ""; quoted = 0
		for (i = 1; i <= length(line); i++) {
			c = substr(line, i, 1)
			if (c == "\"") quoted = !quoted
			else if (c == "," && !quoted) { cells[n++] = cell; cell = "" }
			else cell = cell c
		}
		cells[n] = cell
		return n
	}
	{ sub(/\r$/, "") }
	NR == 1 { n = split_csv($0); for (i = 1; i <= n; i++) at[cells[i]] = i
		pairs = split(want, w, "\n"); next }
	{ split_csv($0); fits = 1
	  for (i = 1; i + 1 <= pairs; i += 2) if (cells[at[w[i]]] != w[i + 1]) fits = 0
	  if (fits) print cells[at[out]] }' "$season/$1"
}

# quoted: the text on standard input as one CSV cell, without its last line end.
quoted() {
	printf '"'
	awk '{ gsub(/"/, "\"\""); printf "%s%s", (NR > 1 ? "\n" : ""), $0 }'
	printf '"\n'
}

# ---- sections, where the season has a text, else one line of sample text ----

practice_kinds="summary aims target_group method materials facilitators risks evidence transfer_hints"
report_kinds="context kept changed seen resources risks recommendation"
advocacy_kinds="potentials challenges strategies"

# description FILE KIND: that section of a practice's description.
description() {
	awk -v want="$2" '
	BEGIN { kind["Aims"] = "aims"; kind["Target group"] = "target_group"
		kind["Method"] = "method"; kind["Materials"] = "materials"
		kind["Facilitators"] = "facilitators"; kind["Risks"] = "risks"
		kind["Evidence"] = "evidence"; kind["Hints for transfer"] = "transfer_hints" }
	$0 in kind { now = kind[$0]; next }
	now == want && ($0 != "" || text != "") { text = text (text == "" ? "" : "\n") $0 }
	END { sub(/\n+$/, "", text); print text }' "$1"
}

# practice_sections COUNTRY: of the practices that come from there.
practice_sections() {
	echo practice,kind,order,language,text
	for practice in $(rows practices.csv ref origin_country "$1"); do
		file=$(find "$season/texts/practices" -name "${practice}_description_v*.txt" \
			2>/dev/null | sort | tail -n 1)
		order=0
		for kind in $practice_kinds; do
			order=$((order + 1))
			printf '%s,%s,%s,en,' "$practice" "$kind" "$order"
			if [ -z "$file" ]; then
				echo "Sample text $practice."
			elif [ "$kind" = summary ]; then
				rows practices.csv summary_en ref "$practice" | quoted
			else
				description "$file" "$kind" | quoted
			fi
		done
	done
}

# report_sections REPORT...
report_sections() {
	echo report,kind,order,text
	for report in "$@"; do
		order=0
		for kind in $report_kinds; do
			order=$((order + 1))
			echo "$report,$kind,$order,Sample text $report."
		done
	done
}

# advocacy_sections COUNTRY
advocacy_sections() {
	echo advocacy,kind,order,text
	for advocacy in $(rows documents.csv ref kind advocacy_report country "$1"); do
		order=0
		for kind in $advocacy_kinds; do
			order=$((order + 1))
			printf '%s,%s,%s,' "$advocacy" "$kind" "$order"
			if [ -f "$season/texts/advocacy/$1/$kind.txt" ]; then
				quoted <"$season/texts/advocacy/$1/$kind.txt"
			else
				echo "Sample text $advocacy."
			fi
		done
	done
}

# ---- people ----

coordinator_of() { rows persons.csv ref country "$1" role coordinator | head -n 1; }

# trainers_of COUNTRY: trainers who are on the team of one of its workshops, who rate or
# sign a report; two at least.
trainers_of() {
	rows persons.csv ref country "$1" role trainer >"$scratch/all"
	{
		for workshop in $(rows activities.csv ref country "$1" type youth_workshop); do
			rows team.csv person activity "$workshop"
		done
		rows ratings.csv by
		rows signoffs.csv by
	} | sort -u >"$scratch/busy"
	grep -xFf "$scratch/busy" "$scratch/all" >"$scratch/chosen" || true
	[ "$(wc -l <"$scratch/chosen")" -ge 2 ] || head -n 2 "$scratch/all" >"$scratch/chosen"
	cat "$scratch/chosen"
}

# writer_of ACTIVITY: the author who types its report, the new one if there is one; only
# somebody with a laptop.
writer_of() {
	for experience in new experienced; do
		rows team.csv person activity "$1" experience $experience
	done | while read -r member; do
		[ ! -d "$devices/$member" ] || { echo "$member"; break; }
	done
}
