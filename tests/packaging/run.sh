#!/usr/bin/env bash
# Installs a build to a prefix, moves the prefix, and uses it from outside the tree: by pkg-config, by find_package, shared and
# static, and by dlopen without a header; each program then talks to a real server.  run.sh BUILD_DIR
set -uo pipefail
build=$(cd "$1" && pwd -P)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/exoref-packaging.XXXXXX")
server=
cleanup() {
    if [ -n "$server" ]; then
        kill -KILL "$server" 2>/dev/null
        wait "$server" 2>/dev/null
    fi
    rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

passed=0 failed=0
check() {
    local what=$1
    shift
    if "$@" >"$tmp/log" 2>&1; then
        echo "ok   $what"
        passed=$((passed + 1))
    else
        echo "FAIL $what"
        grep -E "error|undefined|cannot|failed" "$tmp/log" | head -n 8 || tail -n 8 "$tmp/log"
        failed=$((failed + 1))
    fi
}

# A server of our own on a socket file; it is ready when it says so.
mkfifo "$tmp/said"
redis-server --port 0 --unixsocket "$tmp/redis.sock" --save '' --dir "$tmp" >"$tmp/said" 2>&1 &
server=$!
exec 3<"$tmp/said"
while read -r -t 20 line <&3; do
    case $line in *"ready to accept"* | *"Ready to accept"*) break ;; esac
done
cat <&3 >/dev/null &
url=redis+unix://$tmp/redis.sock

check "install" cmake --install "$build" --prefix "$tmp/first"
mv "$tmp/first" "$tmp/moved"
prefix=$tmp/moved
libdir=$(dirname "$(find "$prefix" -name libexoref.so)")
export PKG_CONFIG_LIBDIR=$libdir/pkgconfig # nothing else is there: neither libuv.pc nor hiredis.pc
cd "$tmp" || exit 1

by_pkg_config() { # OUTPUT OPTIONS...
    local output=$1
    shift
    local flags
    flags=$(pkg-config "$@" --cflags --libs exoref) || return 1
    # shellcheck disable=SC2086
    cc -std=c11 "$here/user.c" -o "$output" $flags
}
static_archive_only() {
    rm -rf "$tmp/archive" && mkdir "$tmp/archive" && cp "$libdir/libexoref.a" "$tmp/archive" &&
        cc -std=c11 "$here/user.c" -I"$prefix/include" -o static "$tmp/archive/libexoref.a" \
            $(pkg-config --static --libs exoref | sed 's/-lexoref//') && ! ldd static | grep libexoref
}
by_cmake() { # FOLDER OPTIONS...
    local folder=$1
    shift
    cmake -S "$here" -B "$folder" -DCMAKE_PREFIX_PATH="$prefix" "$@" && cmake --build "$folder"
}
relocatable() {
    ! grep -rnF -e "$tmp/first" -e "$build" "$libdir/pkgconfig" "$libdir/cmake" "$prefix/include"
}
soname() {
    readelf -d "$libdir/libexoref.so" | grep -F 'soname: [libexoref.so.1]' && readelf -d "$libdir/libexoref.so" | grep NODELETE
}
no_foreign_headers() {
    ! grep -rnE '#include *<(uv|hiredis|openssl|nlohmann)' "$prefix/include"
}

check "nothing installed knows where it was built" relocatable
check "soname, nodelete" soname
check "no header of another library is needed" no_foreign_headers
check "pkg-config: build" by_pkg_config shared
check "pkg-config: run" env LD_LIBRARY_PATH="$libdir" ./shared "$url"
check "pkg-config, static archive: build" static_archive_only
check "pkg-config, static archive: run" ./static "$url"
check "find_package: build" by_cmake with_cxx
check "find_package: run, shared" with_cxx/shared "$url"
check "find_package: run, static" with_cxx/static "$url"
check "find_package: run, C++" with_cxx/cxx "$url"
check "find_package in a project of C alone: build" by_cmake only_c -DONLY_C=ON
check "find_package in a project of C alone: run, static" only_c/static "$url"
check "dlopen without a header: build" cc -std=c11 "$here/by_dlopen.c" -o by_dlopen -ldl
check "dlopen without a header: run" ./by_dlopen "$libdir/libexoref.so.1" "$url"
check "completion for bash" bash --norc -c \
    'PATH=$1/bin:$PATH; . "$1/share/bash-completion/completions/exoref"; COMP_LINE="exoref atom sw" COMP_POINT=14
     _exoref exoref sw atom; [ "${COMPREPLY[*]}" = swap ]' - "$prefix"
check "completion for zsh" zsh -n "$prefix/share/zsh/site-functions/_exoref"
check "the manual page" grep -q '^.TH EXOREF 1' "$prefix/share/man/man1/exoref.1"
check "the installed command" env EXOREF_URL="$url" "$prefix/bin/exoref" atom get packaging

echo "packaging: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
