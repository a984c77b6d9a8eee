# The languages that exoref has bindings for, and what they are built with. Sourced. A toolchain that is there and new enough is taken;
# else the distribution's, which may lie beside the PATH: use_toolchains finds it.

languages=(java go ruby rust)
declare -A oldest=([java]=17 [go]=1.23 [ruby]=3.1 [rust]=1.75)

# version_of LANGUAGE: of what the PATH has; empty if there is none.
version_of() {
    case "$1" in
        java) javac -version 2>&1 | sed -nE 's/^javac ([0-9]+(\.[0-9]+)?).*/\1/p' ;;
        go) go version 2>/dev/null | sed -nE 's/^go version go([0-9]+\.[0-9]+).*/\1/p' ;;
        ruby) ruby -v 2>/dev/null | sed -nE 's/^ruby ([0-9]+\.[0-9]+).*/\1/p' ;;
        rust) rustc --version 2>/dev/null | sed -nE 's/^rustc ([0-9]+\.[0-9]+).*/\1/p' ;;
    esac
}

# at_least VERSION OLDEST
at_least() {
    [ -n "$1" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

new_enough() { # LANGUAGE
    at_least "$(version_of "$1")" "${oldest[$1]}"
}

# use_toolchains: puts what distributions keep aside into the PATH, newest first, for languages whose own command is missing or old.
use_toolchains() {
    local folder
    if ! new_enough go; then
        for folder in $(printf '%s\n' /usr/lib/go-*/bin | sort -rV); do
            [ ! -x "$folder/go" ] || { PATH=$folder:$PATH; break; }
        done
    fi
    if ! new_enough rust; then
        for folder in $(printf '%s\n' /usr/lib/rust-*/bin | sort -rV); do
            [ ! -x "$folder/rustc" ] || { PATH=$folder:$PATH; break; }
        done
    fi
    export PATH
}

# Packages of apt that bindings and packages need beside the toolchains, by names that are the same everywhere.
language_packages=(swig ruby-dev ruby-minitest yard ruby-redis lintian)

# missing_toolchains: the languages whose toolchain is to be installed.
missing_toolchains() {
    local language
    use_toolchains
    for language in "${languages[@]}"; do
        case "$language" in
            java) new_enough java && command -v mvn >/dev/null && continue ;;
            rust) new_enough rust && command -v cargo >/dev/null && continue ;;
            *) new_enough "$language" && continue ;;
        esac
        echo "$language"
    done
}

# first_known PACKAGE...: the first that apt has here.
first_known() {
    local package
    for package in "$@"; do
        if apt-cache show --no-all-versions "$package" >/dev/null 2>&1; then
            echo "$package"
            return
        fi
    done
    return 1
}

# toolchain_packages LANGUAGE: as this distribution calls them; fails where it has none that is new enough.
toolchain_packages() {
    case "$1" in
        java) echo maven && first_known openjdk-17-jdk-headless openjdk-21-jdk-headless default-jdk-headless ;;
        go) first_known golang-1.24-go golang-1.23-go ;;
        ruby) echo ruby ;;
        rust)
            if first_known rustc-web; then
                echo cargo-web
            elif first_known rustc-1.80; then
                echo cargo-1.80
            else
                printf '%s\n' rustc cargo
            fi
            ;;
    esac
}
