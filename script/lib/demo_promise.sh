# The second act of script/demo, which sources this: three processes wait for a promise; a fourth delivers it in the very instant
# in which all subscriptions are cut, so that none of the three can hear of it.

waiting=(c-1 c-2 c++)

all_subscribe() { [ "$(redis pubsub numsub result | tail -n 1)" = ${#waiting[@]} ]; }
deliver_what_comes() { "$programs/promise_cpp" deliver "$url?name=courier" result <>"$tmp/promise/line" >"$tmp/promise/courier"; }
is_ready() { grep -qs ready "$tmp/promise/courier"; }
is_held_back() { grep -q delivering "$tmp/promise/courier" && redis client list | grep -q ' name=courier .* flags=[a-zA-Z]*b'; }
has_printed() { [ -s "$tmp/promise/$1" ]; }
has_delivered() { grep -qx 'delivered\|there was.*' "$tmp/promise/courier"; }

# Cuts all subscriptions and lets the held command go, in one step of the server. Says how many were cut.
cut_and_let_go() { printf 'multi\nclient kill type pubsub\nclient unpause\nexec\n' | redis | sed -n 4p; }

act_promise() {
    local pids=() name cut began_us value='report 17'
    mkdir "$tmp/promise"
    heading "A promise: three processes wait for a result, a fourth delivers it."
    in_background "$programs/wait" "$url" result >"$tmp/promise/c-1"
    pids+=("$!")
    in_background "$programs/wait" "$url" result >"$tmp/promise/c-2"
    pids+=("$!")
    in_background "$programs/promise_cpp" wait "$url" result >"$tmp/promise/c++"
    pids+=("$!")
    until_true all_subscribe || fail "nobody waits for the promise"
    show "three wait" "c-1, c-2 and c++; each has subscribed to the promise"

    mkfifo "$tmp/promise/line"
    in_background deliver_what_comes
    pids+=("$!")
    until_true is_ready || fail "nobody can deliver"
    redis client pause 20000 write >/dev/null
    echo "$value" >"$tmp/promise/line"
    until_true is_held_back || fail "the delivery never reached the server"
    show "a fourth delivers" "its command has reached the server, which was told to hold it back"
    began_us=$(now_us)
    cut=$(cut_and_let_go)
    show "subscriptions cut: ${cut:-0}" "and in the same step the command is let go: nobody can hear of the delivery"

    for name in "${waiting[@]}"; do
        until_true has_printed "$name" || wrong "$name waits in vain"
    done
    show "all three have it" "within $((($(now_us) - began_us) / 1000)) ms"
    until_true has_delivered || wrong "the one that delivers got no answer"
    for name in "${pids[@]}"; do
        wait "$name" || wrong "one that waits or delivers ended with an error"
    done
    for name in "${waiting[@]}"; do
        echo "  $name printed: $(cat "$tmp/promise/$name")"
        [ "$(cat "$tmp/promise/$name")" = "$value" ] || wrong "$name did not get the value"
    done
    echo "  the fourth was told: $(tail -n 1 "$tmp/promise/courier")"
    [ "$(tail -n 1 "$tmp/promise/courier")" = delivered ] || wrong "the delivery did not count"
    [ "${cut:-0}" -ge ${#waiting[@]} ] || wrong "not all subscriptions were cut"
}
