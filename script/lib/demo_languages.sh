# The last act of script/demo, which sources this: one process of each language that can be built here counts on the same atom, waits for
# the same promise, and forces the same delay, which all of them could compute.

readonly each_counts=100

# ready LANGUAGE: whether it can take part; says why not.
ready() {
    local why
    if ! why=$(run_binding "$1" check); then
        show "$1" "left out: $why"
        return 1
    fi
    if [ -n "${EXOREF_DEMO_BUILT-}" ]; then
        [ -d "$binding_root/$1" ] || show "$1" "left out: its binding is not built"
        [ -d "$binding_root/$1" ]
        return
    fi
    show "$1" "its binding is built (the first time takes a while) ..."
    run_binding "$1" build >"$tmp/languages/$1.build" 2>&1 || {
        cat "$tmp/languages/$1.build" >>"$tmp/said"
        wrong "the binding for $1 can not be built"
        return 1
    }
}

has_said() { grep -qs "^$2" "$tmp/languages/$1"; } # LANGUAGE WORD

act_languages() {
    local language value taking=() pids=() command=()
    mkdir "$tmp/languages"
    heading "The languages: one process of each, on the same references."
    use_toolchains
    install_for_bindings "$build" || fail "the library can not be installed"
    for language in "${languages[@]}"; do
        ! ready "$language" || taking+=("$language")
    done
    for language in "${taking[@]}"; do
        mapfile -t command < <(run_binding "$language" demo)
        in_background "${command[@]}" "$url" "$language" "$each_counts" >"$tmp/languages/$language"
        pids+=("$!")
    done
    if [ ${#taking[@]} -eq 0 ]; then
        show "none" "script/demo --all installs what they need"
        return
    fi
    for language in "${taking[@]}"; do
        until_true has_said "$language" counted || wrong "$language did not count"
    done
    value=$(exoref --url "$url" atom get demo:languages)
    show "the counter is $value" "${taking[*]}: each added one $each_counts times, all at once"
    [ "$value" = $((each_counts * ${#taking[@]})) ] || wrong "the languages counted to $value"
    exoref --url "$url" --codec json promise deliver demo:go '"now"' || wrong "the promise could not be delivered"
    for value in "${pids[@]}"; do
        wait "$value" || wrong "one of the languages ended with an error"
    done
    for language in "${taking[@]}"; do
        has_said "$language" 'heard now' || wrong "$language did not hear of the promise"
    done
    show "all heard" "the promise that the command delivered"
    value=$(cd "$tmp/languages" && sed -n 's/^has //p' "${taking[@]}" | sort -u)
    show "all have" "$value"
    [[ $value =~ ^computed\ by\ [a-z]+$ ]] || wrong "the languages have not one value: $value"
}
