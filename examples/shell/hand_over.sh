#!/bin/sh
# Hands a result over: two jobs wait for what a third one computes, wherever they run, and whichever of them comes first.
#
#     hand_over.sh [URL [BUILD]]
#
# Prints: packaging build-17.tar
# Prints: testing build-17.tar
# Prints: delivered once more: no (3), it is build-17.tar
# Prints: who comes late gets build-17.tar
set -eu
EXOREF_URL=${1:-${EXOREF_URL:-local:exoref-data}}
export EXOREF_URL
key=builds:${2:-17}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/exoref-hand-over.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# A job that needs the result. Without --timeout it would wait for ever, also for a build that will never come.
needs_build() {
    file=$(exoref --timeout 1m promise get "$key") || exit 1
    echo "$1 $file" >"$tmp/$1"
}

exoref rm "$key" 2>/dev/null || [ $? -eq 3 ] # so that this may be tried out again; 3: there was none
needs_build packaging &
packaging=$!
needs_build testing &
testing=$!

exoref promise deliver --ttl 24h "$key" build-17.tar # the job that builds, when it is done

wait "$packaging"
wait "$testing"
cat "$tmp/packaging" "$tmp/testing"
code=0
standing=$(exoref promise deliver "$key" build-18.tar) || code=$?
echo "delivered once more: no ($code), it is $standing"
[ "$(exoref promise realized "$key")" = true ]
echo "who comes late gets $(exoref promise get "$key")"
