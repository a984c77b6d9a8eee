-- A delivery to a promise that has a value, or is another one than was meant; or that has a time to live, which then goes on.
-- @include state
-- @include format
-- @include ttl
if found.err then
    local there = type_after(found)
    return there and with_state('gone', there) or found
end
local state = redis.call('HMGET', key, 'fmt', 'type', 'codec', 'epoch', 'version', 'op', 'terms', 'ring_n')
local answer, note = mismatch(state[1], state[4], epoch)
if answer then
    return with_state(answer, note, state)
end
if state[5] ~= '0' then
    local mine = string.match(op, '^.*%-')
    if string.sub(state[6] or '', 1, #mine) == mine then
        return with_state('delivered', 'record', state)
    end
    return with_state('standing', 'hash', read_state())
end
if found[4] and found[4] ~= '0' then
    local refused = refused_to_expire('PEXPIRE')
    if refused then
        return refused
    end
end
