#!/bin/sh
# Run once among many machines: four of them deploy the same release, one runs its migration, the others wait for it. And a
# second migration, which fails: for all of them.
#
#     run_once.sh [URL [RELEASE]]
#
# Prints: started with: schema 42
# Prints: started with: schema 42
# Prints: started with: schema 42
# Prints: started with: schema 42
# Prints: runs of the migration: 1
# Prints: not started: 4 machines, runs of the migration that fails: 1
set -eu
EXOREF_URL=${1:-${EXOREF_URL:-local:exoref-data}}
export EXOREF_URL
release=${2:-2026-11-24}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/exoref-run-once.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/migrate.sh" <<'END'
echo run >>"$1" # here it does its work
[ "$2" = well ] || { echo "the disk is full" >&2; exit 1; }
echo "schema 42"
END

# What each machine says.
deploy() {
    schema=$(exoref delay get --ttl 48h "deploy-$release" -- sh "$tmp/migrate.sh" "$tmp/runs" well) || exit 1
    echo "started with: $schema"
}

# The same, with a migration that fails.
deploy_in_vain() {
    exoref delay get --ttl 48h "deploy-$release-b" -- sh "$tmp/migrate.sh" "$tmp/failed_runs" badly 2>>"$tmp/said" ||
        echo no >>"$tmp/not_started"
}

on_all_machines() {
    pids=
    for _ in 1 2 3 4; do
        "$1" &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid"
    done
}

exoref rm "deploy-$release" 2>/dev/null || [ $? -eq 3 ] # so that this may be tried out again; 3: there was none
exoref rm "deploy-$release-b" 2>/dev/null || [ $? -eq 3 ]
on_all_machines deploy
echo "runs of the migration: $(wc -l <"$tmp/runs")"
on_all_machines deploy_in_vain
echo "not started: $(wc -l <"$tmp/not_started") machines, runs of the migration that fails: $(wc -l <"$tmp/failed_runs")"
[ "$(grep -c 'the disk is full' "$tmp/said")" -ge 4 ] # each was told why
