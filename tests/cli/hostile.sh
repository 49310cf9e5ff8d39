# hostile.sh - strangers' spreadsheets (tests/data/hostile) and what each must give, as its
# EXPECT.md says. Used with lib.sh, on a laptop that may enter young people of a workshop
# from 2026-10-12 whose practice is for ages 10 to 20.

hostile=$source_dir/tests/data/hostile

# harmless: what the last call printed holds no control character but the line feed.
harmless() {
	! cat out err | LC_ALL=C tr -d '\n' | LC_ALL=C grep -q '[[:cntrl:]]' ||
		fail "a control character reaches the terminal: $(cat -v err | head -n 3)"
}

# roster EXIT "ACCEPTED WARNED HELD REJECTED" FILE [OPTIONS...]: by dry run.
roster() {
	wanted_exit=$1 counts=$2 file=$3
	shift 3
	on_exit "$wanted_exit" "$hostile_laptop" -n import young "$hostile/$file" \
		--activity "$hostile_workshop" "$@"
	harmless
	# shellcheck disable=SC2086
	set -- $counts
	has "accepted $1, warnings $2, held $3, rejected $4"
}

# refused WHY FILE [OPTIONS...]: the whole file, and that is said.
refused() {
	why=$1 file=$2
	shift 2
	on_exit 65 "$hostile_laptop" -n import young "$hostile/$file" \
		--activity "$hostile_workshop" "$@"
	harmless
	has "$why"
	has "nothing was imported"
	! grep -q accepted out || fail "$file: counts of a file that is refused"
}

# hostile_rosters LAPTOP WORKSHOP: the files a to q by dry run.
hostile_rosters() {
	hostile_laptop=$1 hostile_workshop=$2
	refused "not valid UTF-8 at byte 63" a_cp1250_semicolon_crlf.csv
	has "--encoding cp1250"
	roster 0 "6 0 0 0" a_cp1250_semicolon_crlf.csv --encoding cp1250
	roster 0 "6 0 0 0" b_utf8bom_semicolon_crlf.csv
	refused "not valid UTF-8 at byte 66" c_lying_bom_cp1250.csv
	roster 0 "6 0 0 0" d_utf16le_tab.csv
	refused "not valid UTF-8 at byte 63" e_latin2_no_bom.csv
	roster 0 "6 0 0 0" e_latin2_no_bom.csv --encoding latin2
	roster 0 "6 0 0 0" f_sep_line.csv
	roster 3 "6 2 5 0" g_duplicates.csv
	roster 65 "4 3 0 13" h_dates.csv
	roster 65 "1 0 0 4" i_long.csv
	roster 0 "8 5 0 0" j_unicode.csv
	roster 0 "7 7 0 0" k_formula.csv
	roster 65 "3 1 0 6" l_structure.csv
	refused "empty file" m_empty.csv
	roster 0 "0 0 0 0" n_header_only.csv
	refused "duplicate column given_name" o_headers.csv
	refused "missing columns given_name, family_name, birth_year, gender" p_unknown_headers.csv
	has "--map Vorname=given_name,..."
	refused "not valid UTF-8 at byte 95" q_invalid_utf8.csv
}

# hostile_inert FILE: an export that holds the people of k_formula.csv: their seven cells
# are guarded, and nothing in it is a formula to a spreadsheet.
hostile_inert() {
	/usr/bin/python3 - "$1" <<'END' || fail "the export is not inert"
import csv, re, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8", newline="")))
cells = [cell for row in rows for cell in row.values()]
guarded = [cell for cell in cells if cell[:1] == "'" and cell[1:2] in "=+-@"]
formulas = [cell for cell in guarded if not re.fullmatch(r"'\+[0-9 ]{9,}", cell)]
assert len(formulas) == 7, formulas
assert not [cell for cell in cells if cell[:1] and cell[:1] in "=+-@\t\r"], "a live formula"
END
}
