#!/bin/sh
# A state machine in the shell: a step is a compare-and-set, so of all that try the same step one takes it.
#
#     order.sh [URL]
#
# Prints: it is paid
# Prints: 1 of 4 clerks shipped it
# Prints: cancelled? no, it is shipped
set -eu
EXOREF_URL=${1:-${EXOREF_URL:-local:exoref-data}}
export EXOREF_URL
tmp=$(mktemp -d "${TMPDIR:-/tmp}/exoref-order.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# step FROM TO: 0 if this call took the step; 3 if the order is in another state, which is printed.
step() {
    exoref atom cas order:19 "$1" "$2"
}

clerk() {
    code=0
    step paid shipped >/dev/null || code=$?
    case $code in
        0) echo shipped >>"$tmp/shipped" ;; # ours: here it is sent
        3) ;;                               # somebody else's
        *) exit "$code" ;;
    esac
}

exoref atom set order:19 new
step new paid
echo "it is $(exoref atom get order:19)"
pids=
for _ in 1 2 3 4; do
    clerk &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid"
done
echo "$(wc -l <"$tmp/shipped") of 4 clerks shipped it"
state=$(step paid cancelled) || echo "cancelled? no, it is $state"
[ "$state" = shipped ]
