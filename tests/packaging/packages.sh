#!/usr/bin/env bash
# The source tarball and the packages for Debian, made by script/package: lintian looks at them, and a program is built and run with
# nothing else of exoref. The bindings' packages are used by bindings/LANGUAGE/run outside.    packages.sh
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/exoref-packages.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP
unset EXOREF_URL REDIS_URL

passed=0 failed=0
check() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" >"$tmp/log" 2>&1; then
        echo "ok   $what"
        passed=$((passed + 1))
    else
        echo "FAIL $what"
        tail -n 30 "$tmp/log"
        failed=$((failed + 1))
    fi
}

installed=$tmp/root
unpack() {
    local package
    for package in libexoref1 libexoref-dev exoref; do
        dpkg-deb -x "$tmp/packages/deb/$package"_*.deb "$installed" || return 1
    done
    libraries=$(dirname "$(find "$installed/usr/lib" -name libexoref.so.1)")
}
without_errors() {
    ! lintian --fail-on error "$tmp/packages/deb"/*.deb | grep '^E:' && [ "${PIPESTATUS[0]}" -eq 0 ]
}
build_program() {
    local flags
    flags=$(PKG_CONFIG_LIBDIR=$libraries/pkgconfig pkg-config --cflags --libs exoref) || return 1
    # shellcheck disable=SC2086
    cc -std=c11 "$root/tests/packaging/user.c" -o "$tmp/program" $flags
}
needs_no_other() { # the library's package alone is enough to run it
    [ "$(dpkg-deb -f "$tmp/packages/deb"/libexoref1_*.deb Package)" = libexoref1 ] &&
        ! dpkg-deb -f "$tmp/packages/deb"/libexoref1_*.deb Depends | grep -q exoref
}
tree_is_whole() {
    tar -tzf "$tmp/packages/source"/exoref-*.tar.gz | sed 's,^[^/]*/,,' | sort >"$tmp/in_tarball"
    (cd "$root" && git ls-files | sort) | diff - "$tmp/in_tarball"
}

check "script/package source deb" "$root/script/package" "$tmp/packages" source deb
check "the tarball has what git has" tree_is_whole
check "lintian finds no errors" without_errors
check "the packages unpack" unpack
check "libexoref1 needs none of the others" needs_no_other
check "a program builds with libexoref-dev" build_program
check "and runs with libexoref1" env LD_LIBRARY_PATH="${libraries-}" "$tmp/program" "local:$tmp/data"
check "the command runs with libexoref1" env LD_LIBRARY_PATH="${libraries-}" "$installed/usr/bin/exoref" --url "local:$tmp/data" atom get packaging
check "its server is stopped" env LD_LIBRARY_PATH="${libraries-}" "$installed/usr/bin/exoref" server stop "$tmp/data"

echo "packages: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
