#!/bin/sh
# 76-publish.sh - editions and papers beside what S10 shows: a paper that is begun here,
# with texts longer than one copy may be; two laptops of the office that add the same
# practice; what is taken back by undo and what is not; folders that cannot be written.
. "$(dirname "$0")/lib.sh"
at "2026-11-22 08:00:00"
found DE CZ
on OF import country "$season/countries.csv"
on OF sync
joins OF2 OF OF-2 office
on OF sync

part "a practice that is selected, described and trained"
on DE-N1 practice new GP20 --set title="Maps, and = signs" --set origin_country=DE \
	--set age_min=12 --set age_max=14 --set themes="maps;=sum"
{
	printf '# Summary\nThe first text.\n\n# Aims\n#no heading\n\n# Method\nx'
	awk 'BEGIN { for (i = 0; i < 22800; i++) printf "ž" }'
} >text
on DE-N1 report edit GP20 --file "$dir/text"
on DE-N1 sync
on OF sync
on OF activity new SS-1 --type summer_school --start 2026-11-02
on OF activity session SS-1 add SS-1-1 --set day_no=2 --set practice=GP20 --set held=yes
on OF practice decide GP20 select selected
on OF compendium new CO-1 --edition 7 --language de
on_exit 3 OF compendium add CO-1 GP20 --part B
has "(V40)"
on OF practice decide GP20 description accepted
on_exit 3 OF compendium add CO-1 GP20
has "(V40)"
on OF sync
on OF2 sync

part "two laptops of the office add it"
on OF compendium add CO-1 GP20 --part B
on OF2 compendium add CO-1 GP20 --part B
on OF sync
on OF2 sync
on OF sync
on OF --plain compendium show CO-1
is "items" 2 "$(wc -l <out)"
on OF compendium build CO-1 -o "$dir/built"
has "CO-1: 0 in part A, 1 in part B, a draft"
on OF2 compendium build CO-1 -o "$dir/built2"
cmp built/CO-1.md built2/CO-1.md || fail "the two build other bytes"
cmp built/CO-1.csv built2/CO-1.csv || fail "the two build other indexes"
is "entries" 1 "$(grep -c '^### GP20' built/CO-1.md)"
grep -qxF '\#no heading' built/CO-1.md || fail "a text became a heading"
compare built/CO-1.csv "the index" <<'END'
part,practice,title,origin_country,origin,themes,age_min,age_max,tested,countries,workshops,young_people,version
B,GP20,"Maps, and = signs",DE,,'=sum;maps,12,14,not yet tested,,,,c48725531490a99e85f212b26014d762a434317a6e364e2bb58075509a4e94a5
END
on OF compendium add CO-1 GP20 --part B
on OF --plain compendium show CO-1
is "items, added again" 1 "$(wc -l <out)"
on OF undo
on OF --plain compendium show CO-1
is "items after undo" 2 "$(wc -l <out)"
on OF compendium remove CO-1 GP20
on OF --plain compendium show CO-1
shows_nothing
on OF undo

part "a paper that is begun here"
on OF paper new WP-3 --title "Winning authorities" --edition 2
on_exit 65 OF paper new WP-3
on_exit 77 DE-N1 paper new WP-4
on OF sync
for country in DE CZ; do
	on $country-N1 sync
	on $country-N1 report advocacy new $country-AR --set language=en
	for part in Potentials Challenges Strategies; do
		printf '# %s\n' $part
		yes "$part of $country have to be said at length." | head -c 14000
		printf '\n\n'
	done >text
	on $country-N1 report edit $country-AR --file "$dir/text"
	[ $country = CZ ] || on $country-N1 report submit $country-AR
	on $country-N1 sync
done
on OF sync
on OF report accept DE-AR
on_exit 3 OF paper build WP-3
has "CZ advocacy report not accepted"
on OF paper show WP-3
has "[..] not accepted yet: CZ"
has "[..] not handed in yet: CZ"
on OF paper build WP-3 --draft -o "$dir/built"
has "WP-3: 3 sections of 1 country, a draft"
on CZ-N1 report submit CZ-AR
on CZ-N1 sync
on OF sync
on OF report accept CZ-AR
on OF report edit WP-3 --section synthesis --file "$source_dir/tests/data/README.md"
on OF paper build WP-3 -o "$dir/built"
has "WP-3: 6 sections of 2 countries"
is "bytes of the paper" yes "$([ "$(wc -c <built/WP-3.md)" -gt 80000 ] && echo yes)"

part "longer than one copy may be, it goes into the edition part by part"
on OF compendium add CO-1 WP-3
on OF compendium add CO-1 WP-3
on OF --plain compendium show CO-1
is "items" " WP-3,B GP20" "$(cut -f1,2 out | sort -u | tr '\t' ' ' | paste -sd,)"
on OF compendium build CO-1 -o "$dir/built"
sed -n '/^## Advocacy/,/^## Index/p' built/CO-1.md | grep '^##' >headings
compare headings "the chapter" <<'END'
## Advocacy: how to win authorities and policymakers
### Potentials: DE (DE-AR)
### Potentials: CZ (CZ-AR)
### Challenges: DE (DE-AR)
### Challenges: CZ (CZ-AR)
### Strategies: DE (DE-AR)
### Strategies: CZ (CZ-AR)
### Synthesis
## Index
END
sed -n '/^### Potentials: CZ/,/^### Challenges: DE/p' built/CO-1.md | grep '^Potentials' >one
sed -n '/^## Potentials/,/^## Challenges/p' built/WP-3.md | sed -n '/^### CZ/,$p' |
	grep '^Potentials' | cmp - one || fail "the chapter has other words than the paper"

part "released"
sed 's/^- draft: not released$/- released: 2026-11-22/' built/CO-1.md >wanted.md
cp built/CO-1.csv wanted.csv
on OF compendium release CO-1
try OF undo
has_not "[ok]"
on_exit 3 OF compendium add CO-1 GP20 --part B
on OF sync
on OF2 sync
on_exit 3 OF2 compendium remove CO-1 GP20
on_exit 3 OF2 compendium release CO-1
on OF2 compendium build CO-1 -o "$dir/built2"
on OF compendium build CO-1 -o "$dir/built"
cmp built/CO-1.md built2/CO-1.md || fail "the two build other bytes once released"
cmp built/CO-1.md wanted.md || fail "pieces of the page do not make it again"
cmp built/CO-1.csv wanted.csv || fail "pieces of the index do not make it again"
[ "$(wc -c <built/CO-1.md)" -gt 130000 ] || fail "the page is short"
on OF --json export publication_item
has "[page] 5/5"
on_exit 66 OF findings CO-2
on OF findings CO-1
has_not V45

part "a working paper by itself"
on OF compendium new WE-1 --kind working_paper
on_exit 3 OF compendium release WE-1
has "no working paper is in it"
on OF compendium add WE-1 WP-3
on OF compendium release WE-1
on OF compendium build WE-1 -o "$dir/alone"
grep '^##* ' alone/WE-1.md | grep -v '^# ' | head -n 3 >headings
compare headings "the chapter alone" <<'END'
## Advocacy: how to win authorities and policymakers
### Potentials: DE (DE-AR)
### Potentials: CZ (CZ-AR)
END
grep -qxF '# Working paper, edition 1 (WE-1)' alone/WE-1.md || fail "not its title"
on_exit 65 OF compendium new WE-2 --kind poem

part "where nothing can be written"
: >a-file
on_exit 73 OF compendium build CO-1 -o "$dir/a-file"
has "PN-O01"
on_exit 73 OF paper build WP-3 -o "$dir/no/such/folder"
[ "$(ls "$dir/built" | wc -l)" = 4 ] || fail "something is left over: $(ls "$dir/built")"
on OF compendium build CO-1 -n -o "$dir/dry"
[ ! -e "$dir/dry" ] || fail "a trial wrote files"
printf 'x\033y' >text
on_exit 65 OF compendium foreword CO-1 "$dir/text"
