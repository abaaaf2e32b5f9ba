#!/bin/sh
# Starts three NATS servers and three Parleys that are one chat, on the loopback of this machine, for a try:
#
#     deploy/cluster/try.sh [DIR]
#
# Then "telnet localhost 4001", 4002 and 4003 lead to the nodes a, b and c. Ctrl-C stops everything. Kill one of them, or
# stop it by "shutdown in 10s": the others go on, and it comes back ten seconds later. What is stored goes into DIR, by
# default a new folder under /tmp. PARLEY and NATS_SERVER name the programs, if they are not in the PATH;
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
running=
stop() {
	trap - INT TERM EXIT
	# Parleys first: they say goodbye through the servers.
	for names in "a b c" "n1 n2 n3"; do
		for name in $names; do
			eval "kill \${pid_$name:-}" 2>/dev/null || true
		done
		for name in $names; do
			eval "wait \${pid_$name:-}" || true
		done
	done
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

export NATS_PASSWORD=try
route() { echo "nats://127.0.0.1:$((port + 220 + $1))"; }
NATS_ROUTE_1=$(route 1) NATS_ROUTE_2=$(route 2) NATS_ROUTE_3=$(route 3)
export NATS_ROUTE_1 NATS_ROUTE_2 NATS_ROUTE_3
server() { echo "nats://parley:try@127.0.0.1:$((port + 210 + $1))"; }
PARLEY_CLUSTER=$(server 1),$(server 2),$(server 3)
export PARLEY_CLUSTER

# start NAME starts the NATS server n1, n2 or n3, or the node a, b or c.
start() {
	case $1 in
	a) i=1 ;; b) i=2 ;; c) i=3 ;; n?) i=${1#n} ;;
	esac
	case $1 in
	n?) NATS_NAME=$1 NATS_LISTEN=127.0.0.1:$((port + 210 + i)) NATS_ROUTE=127.0.0.1:$((port + 220 + i)) \
		NATS_STORE="$dir/$1" $nats -c "$here/nats.conf" >>"$dir/$1.log" 2>&1 & ;;
	*) $parley --listen "127.0.0.1:$((port + i))" --data "$dir/$1" --guests chat \
		--cluster-node "$1" --cluster-nodes a,b,c >>"$dir/$1.log" 2>&1 & ;;
	esac
	eval "pid_$1=$!"
	running="$1 $running"
}

for name in n1 n2 n3 a b c; do
	start $name
done
for name in a b c; do
	echo "node $name: telnet localhost $((port + $(echo $name | tr abc 123)))"
done
echo "What is stored, and the logs, are in $dir. Ctrl-C stops everything."
ended=
while :; do
	left=
	for name in $running; do
		eval "pid=\$pid_$name"
		if kill -0 "$pid" 2>/dev/null; then
			left="$left $name"
			continue
		fi
		status=0
		wait "$pid" || status=$?
		if [ $status -gt 0 ] && [ $status -lt 128 ]; then
			echo "try.sh: $name does not run; the end of $dir/$name.log says why" >&2
			exit 1
		fi
		echo "$name has ended; it comes back in ten seconds"
		ended="$ended $name:10"
	done
	running=$left
	case $running in
	*[abc]*) ;;
	*)
		echo "All nodes have ended."
		exit 0
		;;
	esac
	waiting=
	for who in $ended; do
		name=${who%:*} seconds=${who#*:}
		if [ "$seconds" -gt 0 ]; then
			waiting="$waiting $name:$((seconds - 1))"
		else
			start "$name"
			echo "$name is started again"
		fi
	done
	ended=$waiting
	sleep 1
done
