#!/bin/sh
# A configuration in JSON that processes on many machines share: read, followed, and edited without undoing what another has
# changed meanwhile.
#
#     shared_config.sh [URL]
#
# Prints: told: {"mode":"normal","workers":4}
# Prints: told: {"mode":"normal","workers":8}
# Prints: told: {"mode":"readonly","workers":8}
# Prints: the second edit came too late (3): it is {"mode":"normal","workers":8}
# Prints: no JSON is refused (1)
# Prints: it is {"mode":"readonly","workers":8}
set -eu
EXOREF_URL=${1:-${EXOREF_URL:-local:exoref-data}}
export EXOREF_URL
tmp=$(mktemp -d "${TMPDIR:-/tmp}/exoref-config.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

config() {
    word=$1
    shift
    exoref --codec json atom "$word" shop:settings "$@"
}

exoref rm shop:settings 2>/dev/null || [ $? -eq 3 ] # so that this may be tried out again; 3: there was none
config set '{ "workers": 4, "mode": "normal" }'

# A service that follows it: what it is now, and then each change.
mkfifo "$tmp/changes"
exoref --codec json atom watch --current --count 2 shop:settings >"$tmp/changes" &
watch=$!
exec 3<"$tmp/changes"
read -r now <&3
echo "told: $now"

# Two edits of what both had read.
config cas "$now" '{"workers": 8, "mode": "normal"}'
code=0
standing=$(config cas "$now" '{"workers": 4, "mode": "readonly"}') || code=$?
config cas "$standing" '{"workers": 8, "mode": "readonly"}' # anew, from what stands

while read -r now <&3; do
    echo "told: $now"
done
wait "$watch"
echo "the second edit came too late ($code): it is $standing"
code=0
config set 'workers=9' 2>/dev/null || code=$?
echo "no JSON is refused ($code)"
echo "it is $(config get)"
