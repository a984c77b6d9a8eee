# The first act of script/demo, which sources this: processes in C, C++ and shell count together on one atom while connections
# are cut and one of them is killed.

counting_seconds=10

# The worker in shell: a new process for every count.
count_in_shell() {
    local file=$1 code
    local end=$((SECONDS + counting_seconds))
    while [ "$SECONDS" -lt "$end" ]; do
        code=0
        exoref --url "$url" --timeout 10s atom swap counter -- sh -c 'read -r n || :; printf %s "$((n + 1))"' >/dev/null || code=$?
        case $code in
            0) printf + ;;
            6) printf '?' ;;
            *) printf - ;;
        esac >>"$file"
    done
}

# start_counting NAME COMMAND...: a worker in the background; what it counts goes to the file NAME.
start_counting() {
    in_background "${@:2}" "$tmp/tally/$1"
    counting+=("$!")
}

marks() { cat "${@:2}" /dev/null 2>/dev/null | tr -cd -- "$1" | wc -c; } # marks MARK FILE...

told() { tail -n 1 "$tmp/told"; }
version_told() { told | sed -nE 's/.*"version":([0-9]+).*/\1/p'; }
watch_began() { [ -s "$tmp/told" ]; }
watch_is_at() { [ "$(version_told)" = "$1" ]; }

act_counting() {
    local counting=() watcher victim cut=0 killed=no round normal pubsub pid act_began=$SECONDS
    mkdir "$tmp/tally"
    heading "A counter that is shared by processes in C, C++ and shell; it lives on a private Redis in a folder ($url)."
    exoref --url "$url" atom set counter 0 || fail "the counter could not be made"
    in_background exoref --url "$url" --json atom watch --current counter >"$tmp/told"
    watcher=$!
    until_true watch_began || fail "the watcher saw nothing"
    show "a watcher began" "$(told)"

    start_counting c-1 "$programs/tally" "$url" counter "$counting_seconds"
    start_counting c-2 "$programs/tally" "$url" counter "$counting_seconds"
    victim=${counting[1]}
    start_counting c++ "$programs/tally_cpp" "$url" counter "$counting_seconds"
    start_counting shell count_in_shell
    show "four workers began" "two in C, one in C++, and a shell loop that calls the command for each count"

    for ((round = 1; SECONDS - act_began < counting_seconds; round++)); do
        sleep 0.8
        normal=$(redis client kill type normal skipme yes)
        pubsub=0
        [ $((round % 2)) -eq 0 ] || pubsub=$(redis client kill type pubsub)
        cut=$((cut + ${normal:-0} + ${pubsub:-0}))
        show "connections cut: $cut" "$(told)"
        if [ "$killed" = no ] && [ $((SECONDS - act_began)) -ge 3 ] && [ "$(marks + "$tmp/tally/c-2")" -gt 0 ]; then
            end_hard "$victim" && killed=yes
            show "a worker killed" "the second in C, by SIGKILL, whatever it was doing"
        fi
    done
    for pid in "${counting[@]}"; do
        [ "$pid" = "$victim" ] || wait "$pid" || wrong "a worker ended with an error"
    done
    [ "$cut" -gt 0 ] || wrong "no connection was cut"
    [ "$killed" = yes ] || wrong "no process was killed"
    judge_counting
    end_hard "$watcher"
    echo "Connections cut: $cut. Processes killed: $([ "$killed" = yes ] && echo 1 || echo 0)."
}

# Compares what each has written down with the counter, and what the watcher was told with its version.
judge_counting() {
    local total version name n u refused sum=0 unknown=0 highest changes missed
    total=$(exoref --url "$url" --timeout 10s atom get counter) || wrong "the counter could not be read"
    version=$(exoref --url "$url" --timeout 10s inspect counter | sed -nE 's/^version +([0-9]+).*/\1/p')
    until_true watch_is_at "$version" || wrong "the watcher never saw version $version"

    echo
    echo "What each counted for certain:"
    for name in c-1 c-2 c++ shell; do
        n=$(marks + "$tmp/tally/$name") u=$(marks '?' "$tmp/tally/$name")
        refused=$(marks - "$tmp/tally/$name")
        printf '  %-6s %6d   (unknown: %d, certainly not: %d)\n' "$name" "$n" "$u" "$refused"
        [ "$n" -gt 0 ] || wrong "$name counted nothing"
        sum=$((sum + n)) unknown=$((unknown + u))
    done
    highest=$((sum + unknown + 1))
    changes=$(grep -c '"event":"change"' "$tmp/told")
    missed=$(sed -nE 's/.*"event":"change".*"missed":([0-9]+).*/\1/p' "$tmp/told" | awk '{ n += $1 } END { print n + 0 }')
    echo "  sum    $sum   and at most $unknown unknown and 1 of the killed worker: the counter must be $sum to $highest"
    echo "The counter is $total. The watcher was told $changes changes, and that it missed $missed; there were $((version - 1))."
    [ "${total:-0}" -ge "$sum" ] && [ "${total:-0}" -le "$highest" ] || wrong "the counter is $total, not $sum to $highest"
    [ $((changes + missed)) -eq $((version - 1)) ] || wrong "told and missed are not all changes"
}
