# Running the bindings' own scripts (bindings/LANGUAGE/run). Sourced, after toolchains.sh; `root` is set.
: "${binding_root:=${EXOREF_BUILD_ROOT:-$root/build}/bindings}"

# install_for_bindings BUILD: the library as users have it, for the bindings to be built with.
install_for_bindings() {
    export EXOREF_PREFIX=$1/prefix
    rm -rf "$EXOREF_PREFIX" &&
        cmake --install "$1" --prefix "$EXOREF_PREFIX" >/dev/null
}

# run_binding LANGUAGE TASK [ARGUMENT]
run_binding() {
    EXOREF_BINDING_BUILD=$binding_root/$1 "$root/bindings/$1/run" "${@:2}"
}

# play_conformance LANGUAGE [driver options]: the conformance cases with the binding's agent.
play_conformance() {
    local language=$1 agent=()
    shift
    mapfile -t agent < <(run_binding "$language" agent)
    python3 "$root/tests/conformance/driver.py" "$@" "$language" "${agent[@]}"
}

# agent_of LANGUAGE: as together.py wants it.
agent_of() {
    local agent=()
    mapfile -t agent < <(run_binding "$1" agent)
    echo "$1=${agent[*]}"
}
