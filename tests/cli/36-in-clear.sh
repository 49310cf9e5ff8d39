#!/bin/sh
# 36-in-clear.sh - what lies outside of the sealed files: an editor's draft and the copies
# that editors leave, files that are exported over older ones, texts that name a person who
# is erased; and what is said to somebody whose code was used before him, and at an office
# where nobody can be asked.
. "$(dirname "$0")/lib.sh"

at "2027-04-12 08:00:00"
found SK
workshop

part "an editor's copies go with the draft once it is saved"
on B report new SK-W9-TR --set activity=SK-W9
cat >editor <<'END'
#!/bin/sh
folder=$(dirname "$1") name=$(basename "$1")
printf "# Context\ncanary words\n" >"$1"
cp "$1" "$1~"
cp "$1" "$folder/.$name.swp"
cp "$1" "$folder/#$name#"
END
chmod +x editor
VISUAL=$dir/editor
export VISUAL
on B report edit SK-W9-TR
is "files in clear after an edit" "" "$(grep -rlaF canary B)"

part "words above the first heading are refused, not dropped; the draft stays"
cat >loose <<'END'
#!/bin/sh
printf "an hour of typing\n\n# Context\ncanary words\n" >"$1"
END
chmod +x loose
VISUAL=$dir/loose
on_exit 65 B report edit SK-W9-TR
has "words above the first heading of SK-W9-TR are in no section: 'an hour of typing'"
has "what was written is kept in $dir/B/edit-SK-W9-TR.txt"
grep -q "an hour of typing" B/edit-SK-W9-TR.txt || fail "the draft is gone"
printf 'an hour of typing\n' >loose.txt
on_exit 65 B report edit SK-W9-TR --file loose.txt
has "nothing of this file was saved"
rm B/edit-SK-W9-TR.txt
VISUAL=$dir/editor

part "a draft that was not finished is told by check and lock"
cat >>editor <<'END'
exit 1
END
on_exit 3 B report edit SK-W9-TR
has "shred -u $dir/B/edit-SK-W9-TR.txt"
on B check
has "[!!] in clear in this folder: 4 files of an edit that was not finished"
on B --json check
is "drafts" 4 "$(figure drafts)"
on B --json status
is "drafts in status" 4 "$(figure drafts)"
on B lock
has "[!!] 4 files of an edit in $dir/B are in clear"

part "a kill beside an open editor: status tells of the draft, its words are saved, it goes"
cp -r B killed
rm -f killed/*edit-* killed/.edit-*
cat >killer <<'END'
#!/bin/sh
printf "# Context\ncanary words of a killed edit\n" >"$1"
until [ -s pid ]; do sleep 0.01; done
kill -9 "$(cat pid)"
END
chmod +x killer
(VISUAL=$dir/killer && exec_clocked "$pnet" --data killed report edit SK-W9-TR) >out 2>err </dev/null &
echo $! >pid
code=0
wait $! || code=$?
is "end of the killed edit" 137 "$code"
on killed status
has "In clear         1 file of an edit that is open or was not finished"
on_exit 3 killed report edit SK-W9-TR
has "pnet report edit SK-W9-TR --file $dir/killed/edit-SK-W9-TR.txt"
on killed report edit SK-W9-TR --file "$dir/killed/edit-SK-W9-TR.txt"
is "files in clear after it" "" "$(grep -rlaF canary killed)"
on killed status
has_not "In clear"
on killed report show SK-W9-TR
has "canary words of a killed edit"

part "sec_58: panic leaves no draft in clear"
cp -r B gone
on gone panic --yes
is "files left" "" "$(ls -A gone)"

part "an erasure says which texts name the person, before nothing finds them any more"
on SK-N1 -n erase Mráz --reason request
has_not "texts that may name this person"
on SK-N1 activity note SK-W9 add 1 --set text="MRAZ and his sister were late"
on SK-N1 activity note SK-W9 add 2 --set text="a quiet day, nobody was late"
on SK-N1 attend SK-W9 1 --note "Mráz=Mráz was tired"
on SK-N1 -n erase Mráz --reason request
has "Not reachable from here: texts that may name this person (note on a day: 1)."

part "what is exported over a file that others could read is readable by its owner alone"
for file in names.csv invite-t9 kept.md; do
	touch "$file"
	chmod 644 "$file"
done
on SK-N1 export young_person -o names.csv
on SK-N1 invite SK-T9 --role trainer -o invite-t9
on SK-N1 disclose SK-W9 1 -o kept.md
is "modes" "600 600 600 " "$(stat -c %a names.csv invite-t9 kept.md | tr '\n' ' ')"
on SK-N1 export young_person -o /dev/null

part "who joins with a code is told of a laptop that joined in his name before"
on OF network country CZ
joins first OF CZ-N1 coordinator --country CZ
has_not "has another laptop"
on first invite --self -o passed-on
on CZ-N1 join --file passed-on
has "invited by CZ-N1"
has "[!!] CZ-N1 has another laptop, "
has "is it yours? If not, tell a coordinator: pnet device revoke "
other=$(sed -n 's/.*another laptop, \([0-9a-f]*\):.*/\1/p' out)
on CZ-N1 device revoke "$other" --yes
on CZ-N1 sync
on_exit 77 first sync

part "the root key is asked for each time, and it is said that it is"
on OF status
code=0
clocked "$build_dir/pnet" --data OF network country PL </dev/null >out 2>err || code=$?
cat err >>"$transcript"
is "exit code" 4 "$code"
[ -n "${PNET_NO_KEYS:-}" ] || {
	has "the root key is locked (PN-K05)"
	has_not "pnet unlock"
}
server_end
