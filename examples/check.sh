#!/usr/bin/env bash
# Runs an example against a server of its own, and compares what it prints with what its source promises.
#     check.sh SOURCE PROGRAM [ARGUMENT...]      an argument @URL@ is replaced by the server's
set -euo pipefail
source=$1
shift
tmp=$(mktemp -d "${TMPDIR:-/tmp}/exoref-example.XXXXXX")
server=
cleanup() {
    if [ -n "$server" ]; then
        kill -KILL "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

# Ready when it says so.
mkfifo "$tmp/said"
redis-server --port 0 --unixsocket "$tmp/redis.sock" --save '' --dir "$tmp" >"$tmp/said" 2>&1 &
server=$!
exec 3<"$tmp/said"
while read -r -t 20 line <&3; do
    case $line in *"eady to accept"*) break ;; esac
done
cat <&3 >/dev/null &

unset EXOREF_URL REDIS_URL
code=0
"${@/@URL@/redis+unix://$tmp/redis.sock}" >"$tmp/printed" || code=$?
sed -n 's/^[ /#*]*Prints: //p' "$source" >"$tmp/promised"
if [ ! -s "$tmp/promised" ]; then
    echo "$source promises nothing" >&2
    exit 1
fi
diff -u "$tmp/promised" "$tmp/printed"
exit "$code"
