#!/bin/sh
# 43-unit.sh - sec_65: pnetd does not start as root unless told, in no way that serves; the
# unit for systemd has every wall of SECURITY 13, and systemd-analyze finds it tight.
. "$(dirname "$0")/lib.sh"

unit=$source_dir/server/pnetd.service

part "sec_65: as root only with an explicit flag"
on OF network found OF-1
"$pnetd" init SRV --network "$(tail -n 1 out)" >key 2>>"$transcript"
if [ "$(id -u)" = 0 ]; then
	code=0
	"$pnetd" serve --data SRV --listen 127.0.0.1:0 >out 2>err || code=$?
	is "exit code as root" 77 "$code"
	has "it runs as root"
	[ ! -e SRV/NET.db ] || fail "it has opened its stores as root"
	"$pnetd" serve --data SRV --check --allow-root >>"$transcript" || fail "with the flag: $?"
else
	echo "SKIPPED: not root, so sec_65 cannot be tried" | tee -a "$transcript"
fi

part "a folder that is not there, or that is another user's, says what to do"
code=0
"$pnetd" serve --data nowhere --allow-root >out 2>err || code=$?
is "exit code without a folder" 66 "$code"
has "the server does not start"
has "next  pnetd init DIR --network ID"
if [ "$(id -u)" != 0 ]; then
	chmod 000 SRV/pnetd.conf
	code=0
	"$pnetd" serve --data SRV >out 2>err || code=$?
	chmod 640 SRV/pnetd.conf
	is "exit code with another's folder" 77 "$code"
	has "next  chown -R USER DIR"
fi

part "every wall is in the unit"
for wall in DynamicUser=yes ProtectSystem=strict StateDirectory=pnetd NoNewPrivileges=yes \
	CapabilityBoundingSet= "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX" \
	SystemCallFilter=@system-service "SystemCallFilter=~@privileged @resources" \
	MemoryDenyWriteExecute=yes PrivateTmp=yes PrivateDevices=yes PrivateUsers=yes \
	ProtectKernelTunables=yes ProtectKernelModules=yes ProtectKernelLogs=yes \
	RestrictNamespaces=yes LimitCORE=0 MemoryMax=1G TasksMax=512 \
	LoadCredential=server.key:/etc/pnetd/server.key; do
	grep -qxF "$wall" "$unit" || fail "the unit lacks $wall"
done
! grep -q -- --allow-root "$unit" || fail "the unit lets it run as root"

part "sec_65: systemd-analyze"
if command -v systemd-analyze >/dev/null && systemd-analyze --help 2>/dev/null | grep -q -- --offline; then
	# 0 is tightest, 100 open; what is left is that it listens to the whole network.
	systemd-analyze security --offline=true --no-pager --threshold=15 "$unit" >out 2>err ||
		fail "too open: $(tail -n 1 out) $(tail -n 1 err)"
	tail -n 1 out >>"$transcript"
else
	echo "SKIPPED: systemd-analyze is not here, the bound of pnetd.service was not measured" |
		tee -a "$transcript"
fi
