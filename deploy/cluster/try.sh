#!/bin/sh
# Starts three NATS servers and three Parleys that are one chat, on the loopback of this machine, for a try:
#
#     deploy/cluster/try.sh [DIR]
#
# Then "telnet localhost 4001", 4002 and 4003 lead to the nodes a, b and c. Ctrl-C stops everything. What is stored goes
# into DIR, by default a new folder under /tmp. PARLEY and NATS_SERVER name the programs, if they are not in the PATH;
# NATS_SERVER may be "go run github.com/nats-io/nats-server/v2@v2.15.2". PORT is where the ports begin, 4000 if not set.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:-$(mktemp -d /tmp/parley-cluster.XXXXXX)}
parley=${PARLEY:-parley}
nats=${NATS_SERVER:-nats-server}
port=${PORT:-4000}
for program in "${parley%% *}" "${nats%% *}"; do
	command -v "$program" >/dev/null || { echo "try.sh: $program is not there; see the first lines of $0" >&2; exit 1; }
done
mkdir -p "$dir"
pids=
stop() {
	trap - INT TERM EXIT
	# Parleys first: they say goodbye through the servers.
	for pid in $pids; do kill "$pid" 2>/dev/null || true; done
	wait
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

export NATS_PASSWORD=try
route() { echo "nats://127.0.0.1:$((port + 220 + $1))"; }
NATS_ROUTE_1=$(route 1) NATS_ROUTE_2=$(route 2) NATS_ROUTE_3=$(route 3)
export NATS_ROUTE_1 NATS_ROUTE_2 NATS_ROUTE_3
servers= all=
for i in 1 2 3; do
	address=127.0.0.1:$((port + 210 + i))
	NATS_NAME=n$i NATS_LISTEN=$address NATS_ROUTE=127.0.0.1:$((port + 220 + i)) NATS_STORE="$dir/n$i" \
		$nats -c "$here/nats.conf" >"$dir/n$i.log" 2>&1 &
	servers="$servers $!"
	all=$all${all:+,}nats://parley:try@$address
done
pids=$servers
i=0
for node in a b c; do
	i=$((i + 1))
	PARLEY_CLUSTER=$all $parley --listen "127.0.0.1:$((port + i))" --data "$dir/$node" --guests chat \
		--cluster-node $node --cluster-nodes a,b,c >"$dir/$node.log" 2>&1 &
	pids="$! $pids"
	echo "node $node: telnet localhost $((port + i))"
done
echo "What is stored, and the logs, are in $dir. Ctrl-C stops everything."
# Until one of them ends.
while :; do
	for pid in $pids; do
		kill -0 "$pid" 2>/dev/null || { echo "try.sh: a program has ended; the logs in $dir say why" >&2; exit 1; }
	done
	sleep 1
done
