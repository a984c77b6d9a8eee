#!/bin/sh
# Counts on an atom from the shell, four processes at once. Nothing is lost: a swap's command runs again when somebody else
# was faster.
#
#     run_counter.sh [URL]
#
# Prints: shell_counter is 20
set -eu
url=${1:-${EXOREF_URL:-local:exoref-data}}

count() {
    for _ in 1 2 3 4 5; do
        exoref --url "$url" atom swap shell_counter -- sh -c 'read -r old || :; echo $((old + 1))' >/dev/null
    done
}

exoref --url "$url" atom set shell_counter 0
pids=
for _ in 1 2 3 4; do
    count &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid"
done
echo "shell_counter is $(exoref --url "$url" atom get shell_counter)"
