-- The fields that make a state in any reply, in the order in which a plain HMGET of a deref asks for them.
local function read_state()
    return redis.call('HMGET', key, 'fmt', 'type', 'codec', 'epoch', 'version', 'op', 'terms', 'ring_n', 'value')
end

-- A reply that carries a state (nil: there is none that could be shown).
local function with_state(answer, note, state)
    state = state or {}
    return {op, answer, note,
        state[1] or false, state[2] or false, state[3] or false, state[4] or false,
        state[5] or false, state[6] or false, state[7] or false, state[8] or false, state[9] or false}
end
