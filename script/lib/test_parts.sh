# The parts of script/test, one function each. A part prints what it does and returns non-zero if it failed; it may count in
# part_passed and part_failed, and say one line for the summary in verdict. Sourced by script/test, which sets the variables
# build, jobs, seed, logs, mode, and for each part share (the seconds it may take; empty: as long as it takes) and began.

# say_end LOG: the end of a log, for the reader of a failure.
say_end() {
    tail -n "${2:-60}" "$1"
    echo "(the whole log: $1)"
}

# configure PRESET [cmake arguments]
configure() {
    local preset=$1
    shift
    local launcher=()
    if command -v ccache >/dev/null; then
        launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
    cmake --preset "$preset" -B "$build/${name:-$preset}" "${launcher[@]}" "$@" >"$logs/${name:-$preset}.configure" 2>&1 || {
        say_end "$logs/${name:-$preset}.configure"
        return 1
    }
}

# compile PRESET [cmake arguments]: configure and build.
compile() {
    local name=${name:-$1}
    configure "$@" || return 1
    if ! cmake --build "$build/$name" -j "$jobs" >"$logs/$name.build" 2>&1; then
        grep -E -A 12 '^FAILED|error:|undefined reference' "$logs/$name.build" | head -n 120
        say_end "$logs/$name.build" 20
        return 1
    fi
    echo "built in ${build#"$root"/}/$name"
}

# run_ctest PRESET [ctest arguments]: runs the tests of a build; counts them; leaves what they printed in logs/PRESET.xml.
run_ctest() {
    local preset=$1
    shift
    rm -f "$logs/$preset.xml"
    "${wrapper[@]}" ctest --test-dir "$build/$preset" --output-on-failure --no-tests=error -j "${test_jobs:-$((jobs * 2))}" \
        --output-junit "$logs/$preset.xml" --test-output-size-passed 4000000 --test-output-size-failed 4000000 "$@" 2>&1 |
        tee "$logs/$preset.ctest"
    local code=${PIPESTATUS[0]}
    verdict=$(grep -E '^[0-9]+% tests passed' "$logs/$preset.ctest" | tail -n 1)
    local counts=()
    read -ra counts < <(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests failed out of ([0-9]+).*/\1 \2/p' "$logs/$preset.ctest")
    if [ ${#counts[@]} -eq 2 ]; then
        part_failed=$((part_failed + counts[0]))
        part_passed=$((part_passed + counts[1] - counts[0]))
    fi
    return "$code"
}
wrapper=()

# count_checks LOG: adds the "N passed, M failed" that a checker printed last.
count_checks() {
    local counts=()
    read -ra counts < <(sed -nE 's/.*\b([0-9]+) passed, ([0-9]+) failed.*/\1 \2/p' "$1" | tail -n 1)
    if [ ${#counts[@]} -eq 2 ]; then
        part_passed=$((part_passed + counts[0]))
        part_failed=$((part_failed + counts[1]))
    fi
}

part_build() {
    compile release
}

part_tests() {
    local without=()
    [ "$mode" != fast ] || without=(-LE slow)
    [ -e "$build/release/CTestTestfile.cmake" ] || compile release || return 1
    run_ctest release "${without[@]}"
}

part_rules() {
    local trust=()
    [ "$mode" != fast ] || trust=(--trust-sources '_slow_test\.')
    python3 tests/tidy/rules.py "$logs/release.xml" "${trust[@]}"
}

part_tidy() {
    local code=0
    python3 tests/tidy/run.py --selftest | tee "$logs/tidy.selftest" || code=1
    count_checks "$logs/tidy.selftest"
    python3 tests/tidy/run.py --build "$build/release" | tee "$logs/tidy" || code=1
    count_checks "$logs/tidy"
    return $code
}

# The conformance cases run with the tests; here Clojure itself judges those that it can, as they are and each made wrong.
part_oracle() {
    local code=0 said how
    for how in '' --flipped; do
        script/oracle $how | tee "$logs/oracle"
        said=${PIPESTATUS[0]}
        if [ "$said" -eq 77 ]; then
            verdict="skipped: no java here"
            return 0
        fi
        count_checks "$logs/oracle"
        [ "$said" -eq 0 ] || code=1
    done
    return $code
}

# Each file of tests/model is a model, or their engine; what it says is in its log, its verdict is the last line.
part_model() {
    local model log much=()
    [ "$mode" != all ] || much=(--all)
    for model in tests/model/*.py; do
        [ -e "$model" ] || { echo "no model in tests/model"; return 1; }
        log=$logs/model.$(basename "$model" .py)
        if python3 "$model" --selftest "${much[@]}" >"$log" 2>&1; then
            tail -n 1 "$log"
            part_passed=$((part_passed + 1))
        else
            say_end "$log"
            part_failed=$((part_failed + 1))
        fi
    done
}

part_packaging() {
    local code=0 check
    for check in tests/packaging/bootstrap.sh "tests/packaging/run.sh $build/release"; do
        $check | tee "$logs/packaging"
        [ "${PIPESTATUS[0]}" -eq 0 ] || code=1
        count_checks "$logs/packaging"
    done
    return $code
}

# binding LANGUAGE: its tests, samples and README; the conformance cases, as they are and each made wrong; and its package, used
# from outside the tree.
binding() {
    local language=$1 code=0 step log=$logs/bindings.$1
    run_binding "$language" build >"$log.build" 2>&1 || { say_end "$log.build"; return 1; }
    for step in test conformance flipped package; do
        case "$step" in
            test) run_binding "$language" test ;;
            conformance) play_conformance "$language" ;;
            flipped) play_conformance "$language" --flipped ;;
            package)
                rm -rf "$build/packages/$language" && mkdir -p "$build/packages/$language" &&
                    run_binding "$language" package "$build/packages/$language" &&
                    run_binding "$language" outside "$build/packages/$language"
                ;;
        esac >"$log.$step" 2>&1 || { code=1; say_end "$log.$step"; }
        tail -n 1 "$log.$step"
        count_checks "$log.$step"
    done
    return $code
}

# Each binding by itself, then all languages together. One whose toolchain is missing is skipped, with a word; in CI that is a failure.
part_bindings() {
    local language code=0 why said=() together=()
    for language in c cpp; do
        together+=("$language=$build/release/tests/helpers/conformance_agent_$language")
    done
    use_toolchains
    install_for_bindings "$build/release" || return 1
    for language in "${languages[@]}"; do
        local since=$SECONDS
        if why=$(run_binding "$language" check); then
            binding "$language" || code=1
            together+=("$(agent_of "$language")")
            said+=("$language $((SECONDS - since)) s")
        else
            echo "$language: SKIPPED: $why"
            said+=("$language SKIPPED")
            [ "${CI-}" != true ] || { part_failed=$((part_failed + 1)); code=1; }
        fi
    done
    tests/conformance/together.py "${together[@]}" >"$logs/together" 2>&1 || { code=1; say_end "$logs/together"; }
    tail -n 1 "$logs/together"
    count_checks "$logs/together"
    verdict=$(IFS=,; echo "${said[*]}")
    return $code
}

part_packages() {
    tests/packaging/packages.sh | tee "$logs/packages"
    local code=${PIPESTATUS[0]}
    count_checks "$logs/packages"
    return "$code"
}

# sanitized PRESET: builds the library, then its tests by and by, in an order drawn by the seed, until the share is used up.
sanitized() {
    local preset=$1 names=() chunk=() done_of=0 code=0
    configure "$preset" || return 1
    [ -z "$share" ] || { name=$preset build_targets "$preset" exoref exoref_cli exoref_test_helpers; } || return 1
    if [ -z "$share" ]; then
        compile "$preset" && run_ctest "$preset"
        return
    fi
    mapfile -t names < <(ctest --test-dir "$build/$preset" -N -LE examples | sed -nE 's/^ +Test +#[0-9]+: (.*)$/\1/p' |
        shuf --random-source=<(yes "$seed"))
    # Some in any case, however long building the library took.
    while [ "$done_of" -lt ${#names[@]} ] && { [ "$done_of" -eq 0 ] || [ $((SECONDS - began)) -lt "$share" ]; }; do
        chunk=("${names[@]:done_of:10}")
        done_of=$((done_of + ${#chunk[@]}))
        local targets=("${chunk[@]//\//_}")
        build_targets "$preset" "${targets[@]/#/test_}" || return 1
        run_ctest "$preset" -R "^($(IFS='|'; echo "${chunk[*]}"))\$" >"$logs/$preset.chunk" || { cat "$logs/$preset.chunk"; code=1; }
    done
    verdict="$done_of of ${#names[@]} test programs"
    [ "$done_of" -eq ${#names[@]} ] || verdict="$verdict, drawn by seed $seed; not run: ${names[*]:done_of}"
    return $code
}

# build_targets PRESET TARGET...
build_targets() {
    local preset=$1
    shift
    cmake --build "$build/$preset" -j "$jobs" --target "$@" >"$logs/$preset.build" 2>&1 && return
    grep -E -A 12 '^FAILED|error:|undefined reference' "$logs/$preset.build" | head -n 120
    say_end "$logs/$preset.build" 20
    return 1
}

part_asan() {
    sanitized asan
}

# Where addresses are laid out with more random bits than ThreadSanitizer of gcc 12 expects, it ends at once.
part_tsan() {
    local wrapper=()
    if setarch -R true 2>/dev/null; then
        wrapper=(setarch -R)
    fi
    sanitized tsan
}

# The other compiler: its warnings are errors too.
part_clang() {
    name=clang compile debug -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
        -DCMAKE_C_FLAGS_DEBUG=-O0 -DCMAKE_CXX_FLAGS_DEBUG=-O0
}

part_clang_tidy() {
    python3 tests/tidy/clang_tidy.py --build "$build/release" --jobs "$jobs" --seed "$seed"
}

part_mutants() {
    script/mutants ${share:+--seconds "$share" --seed "$seed"} | tee "$logs/mutants"
    local code=${PIPESTATUS[0]}
    count_checks "$logs/mutants"
    return "$code"
}

part_demo() {
    EXOREF_BUILD_DIR="$build/release" EXOREF_DEMO_BUILT=1 script/demo
}

part_valgrind() {
    local test_jobs=$jobs
    compile valgrind && run_ctest valgrind
}

part_coverage() {
    compile coverage || return 1
    find "$build/coverage" -name '*.gcda' -delete
    run_ctest coverage || return 1
    gcovr --root "$root" --object-directory "$build/coverage" --filter 'src/' --exclude-throw-branches \
        --txt "$logs/coverage.txt" --print-summary | tee "$logs/coverage.summary"
    verdict="$verdict; $(grep -m1 '^lines' "$logs/coverage.summary")"
}
