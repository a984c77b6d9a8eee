#!/usr/bin/env bash
# script/bootstrap against make-believe dpkg-query, apt-get, id and sudo: what it installs, and that its policy-rc.d (which
# keeps services from being started) is there during the install and gone afterwards, whatever happens.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/exoref-bootstrap.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bin"
export EXOREF_POLICY_RC_D=$tmp/policy-rc.d TEST_TMP=$tmp

make_believe() { # NAME TEXT
    printf '#!/bin/bash\n%s\n' "$2" >"$tmp/bin/$1"
    chmod +x "$tmp/bin/$1"
}
make_believe dpkg-query 'for p in "${@:4}"; do grep -qx "$p" "$TEST_TMP/missing" || echo "installed $p"; done; exit 1'
make_believe sudo 'echo "sudo $*" >>"$TEST_TMP/calls"; exec "$@"'
make_believe id 'echo "${TEST_UID:-0}"'
make_believe apt-get '
echo "apt-get $*" >>"$TEST_TMP/calls"
[ -e "$EXOREF_POLICY_RC_D" ] && "$EXOREF_POLICY_RC_D"; echo "policy $?" >>"$TEST_TMP/calls"
case " $* " in *" update "*) exit "${TEST_UPDATE:-0}" ;; *" install "*) exit "${TEST_INSTALL:-0}" ;; esac'

passed=0 failed=0
expect() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" >/dev/null 2>&1; then
        passed=$((passed + 1))
    else
        echo "FAIL bootstrap: $what"
        sed 's/^/     /' "$tmp/out" "$tmp/calls" 2>/dev/null
        failed=$((failed + 1))
    fi
}
options=()
bootstrap() { # MISSING [NAME=VALUE...]
    tr ' ' '\n' <<<"$1" >"$tmp/missing"
    shift
    : >"$tmp/calls"
    env PATH="$tmp/bin:$PATH" "$@" "$root/script/bootstrap" "${options[@]}" >"$tmp/out" 2>&1
    code=$?
}
called() { grep -qE -- "$1" "$tmp/calls"; }
no_policy() { [ ! -e "$EXOREF_POLICY_RC_D" ]; }

bootstrap ""
expect "nothing missing: succeeds" test "$code" -eq 0
expect "nothing missing: apt is not asked at all" test ! -s "$tmp/calls"

bootstrap "redis-server cmake"
expect "two missing: succeeds" test "$code" -eq 0
expect "two missing: only they are installed" called ' install --no-install-recommends cmake redis-server$'
expect "no service may start while apt runs" called '^policy 101$'
expect "the policy is gone afterwards" no_policy

make_believe java 'exit 0'
bootstrap "libclojure-java"
expect "where java is, Clojure comes too" called ' install --no-install-recommends libclojure-java$'
rm "$tmp/bin/java"

bootstrap "cmake" TEST_UPDATE=100
expect "a broken source alone does not matter" test "$code" -eq 0

bootstrap "cmake" TEST_INSTALL=100
expect "a failed install is a failure" test "$code" -ne 0
expect "the policy is gone after a failed install" no_policy

printf '#!/bin/sh\nexit 0\n' >"$EXOREF_POLICY_RC_D"
chmod +x "$EXOREF_POLICY_RC_D"
bootstrap "cmake"
expect "a policy of somebody else is left as it is" grep -qx 'exit 0' "$EXOREF_POLICY_RC_D"
printf '#!/bin/sh\n# exoref script/bootstrap\nexit 101\n' >"$EXOREF_POLICY_RC_D"
bootstrap "cmake"
expect "a policy that a killed run left behind is removed" no_policy

bootstrap "cmake" TEST_UID=1000
expect "a user installs by sudo" called '^sudo env .*apt-get .*install'
make_believe javac 'echo "javac 17.0.9"'
make_believe mvn 'exit 0'
make_believe ruby 'echo "ruby 3.1.2p20"'
make_believe rustc 'echo "rustc 1.75.0 (82e1608df 2023-12-21)"'
make_believe cargo 'exit 0'
make_believe go 'echo "go version go1.23.1 linux/amd64"'
make_believe apt-cache '[ "${@: -1}" = "${TEST_KNOWN-}" ]'
options=(--languages)
bootstrap ""
expect "toolchains that are new enough: apt is not asked at all" test ! -s "$tmp/calls"
bootstrap "swig"
expect "what bindings need is brought with --languages" called ' install --no-install-recommends swig$'
make_believe rustc 'echo "rustc 1.63.0"'
bootstrap "" TEST_KNOWN=rustc-web
expect "a toolchain that is too old is brought by the distribution's name" called ' install --no-install-recommends rustc-web cargo-web$'
make_believe ruby 'echo "ruby 3.0.9"'
bootstrap "" TEST_KNOWN=rustc-web
expect "two are brought at once" called ' install --no-install-recommends ruby rustc-web cargo-web$'
options=(--nonsense)
bootstrap ""
expect "an unknown option is an error of usage" test "$code" -eq 2
options=()

rm "$tmp/bin/sudo"
for tool in bash env cat grep tee chmod rm; do ln -s "$(command -v $tool)" "$tmp/bin/"; done
bootstrap "cmake" TEST_UID=1000 PATH="$tmp/bin"
expect "neither root nor sudo: says so" grep -q 'neither root nor sudo' "$tmp/out"
expect "neither root nor sudo: fails" test "$code" -ne 0

bootstrap "libclojure-java" PATH="$tmp/bin"
expect "without java, Clojure is not asked for" grep -q 'everything is there' "$tmp/out"

echo "bootstrap: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
