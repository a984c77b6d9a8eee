# The third act of script/demo, which sources this: five processes force one delay; whose turn it is is killed in the middle.

forcing=(c-1 c-2 c-3 c++-1 c++-2)
lease_ms=1000
takeover_ms=$((lease_ms * 3 / 2 + 1000))

says() { grep -hE "$1" "${forcing[@]/#/$tmp/delay/}"; } # says PATTERN: the lines of all
who_runs() { (cd "$tmp/delay" && grep -lx "runs $1" -- *); }
last_run() { says '^runs ' | sed 's/^runs //' | sort -n | tail -n 1; }
all_ask() { [ "$(says '^asks' | wc -l)" -eq ${#forcing[@]} ]; }
runs_beyond() { [ "$(last_run)" -gt "$1" ] 2>/dev/null; }
survivors_have_it() { [ "$(says '^has ' | wc -l)" -ge $((${#forcing[@]} - 1)) ]; }

act_delay() {
    local name run owner took began_us
    local -A pids=()
    mkdir "$tmp/delay"
    heading "A delay: five processes force it, all of which could compute it. The lease lasts $lease_ms ms."
    for name in "${forcing[@]}"; do
        case $name in
            c++*) in_background "$programs/force_cpp" "$url" report "$name" >"$tmp/delay/$name" ;;
            *) in_background "$programs/force" "$url" report "$name" >"$tmp/delay/$name" ;;
        esac
        pids[$name]=$!
    done
    until_true all_ask && until_true runs_beyond 0 || fail "nobody computes"
    run=$(last_run)
    owner=$(who_runs "$run")
    show "five ask for the value" "${forcing[*]}"
    show "$owner is the owner" "run $run: it computes for three seconds, the others wait"
    sleep 0.5
    end_hard "${pids[$owner]}" || wrong "the owner could not be killed"
    began_us=$(now_us)
    show "the owner is killed" "$owner, by SIGKILL, in the middle"

    until_true runs_beyond "$run" || fail "nobody takes over"
    took=$((($(now_us) - began_us) / 1000))
    show "$(who_runs "$(last_run)") takes over" "run $(last_run), after $took ms (at most $takeover_ms)"
    [ "$took" -le "$takeover_ms" ] || wrong "it took $took ms until another took over"
    until_true survivors_have_it || wrong "not all got a value"
    for name in "${forcing[@]}"; do
        [ "$name" = "$owner" ] || wait "${pids[$name]}" || wrong "$name ended with an error"
    done
    show "all four have it" "$(says '^has ' | sort -u | sed 's/^has //')"
    judge_delay "$owner" "$run"
}

# judge_delay KILLED RUN: one value, made by one that lived, in the last run; and no more runs than were lost and one.
judge_delay() {
    local name runs lost values last
    for name in "${forcing[@]}"; do
        if [ "$name" = "$1" ]; then
            echo "  $name was killed in run $2"
        else
            echo "  $name printed: $(sed -n 's/^has //p' "$tmp/delay/$name")"
        fi
    done
    runs=$(says '^runs ' | wc -l) lost=$(says '^lost ' | wc -l)
    values=$(says '^has ' | sort -u)
    last=$(last_run)
    echo "  runs begun: $runs; ended by SIGKILL: 1; told that another took over: $lost; values: $(wc -l <<<"$values")"
    [ "$(says '^has ' | wc -l)" -eq $((${#forcing[@]} - 1)) ] || wrong "not each of the four has the value"
    [ "$values" = "has made by $(who_runs "$last") in run $last" ] || wrong "the value is '$values', not that of run $last"
    [ "$runs" -eq $((2 + lost)) ] || wrong "$runs runs, though one owner was killed and $lost lost the lease"
    exoref --url "$url" --timeout 10s inspect report | grep -Eq '^state +realized' || wrong "the delay is not realized"
}
