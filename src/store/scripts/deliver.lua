-- deliver: gives a promise its value, if it has none. What stands is never changed, and its op stays with it: who finds an op
-- of his own operation there has delivered, by whichever sending. So a promise needs no records, no ring and no base.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the promise must have; it pins the type too
-- @arg     server        text       "<run id>:<replication id>" of the server it is sent to, empty if hidden
-- @arg     message_limit number     bytes of a value that a message carries
-- @arg     db            digits     database number, for the message
-- @arg     value         text
-- @reply   op, delivered, now|record, state (without its value)
--          op, standing, hash, state
--          op, gone|format, note, state
--          note: the key's type as Redis names it; for format: the format that this script knows
-- @resend  check
-- @include operation
-- @include state
-- @include format
-- @include terms
-- @include ttl

local state = redis.pcall('HMGET', key, 'fmt', 'type', 'codec', 'epoch', 'version', 'op', 'terms', 'ring_n', 'ttl')
if state.err then
    local there = type_after(state)
    return there and with_state('gone', there) or state
end
local ttl = state[9]
state[9] = false
local answer, note = mismatch(state[1], state[4], epoch)
if answer then
    return with_state(answer, note, state)
end
if state[5] ~= '0' then
    local mine = session .. '-' .. counter .. '-'
    if string.sub(state[6] or '', 1, #mine) == mine then
        return with_state('delivered', 'record', state)
    end
    return with_state('standing', 'hash', read_state())
end

if ttl and ttl ~= '0' then
    local refused = refused_to_expire('PEXPIRE')
    if refused then
        return refused
    end
end
local terms = terms_after('', '1', server)
local done = redis.pcall('HSET', key, 'version', '1', 'op', op, 'terms', terms, 'value', value)
if type(done) == 'table' and done.err then
    return done
end
if ttl and ttl ~= '0' then
    set_life(ttl)
end
local event, version_before, op_before, version, made_by, term = 'change', '0', '', '1', op, terms
local content = #value <= message_limit and 'v' .. value or '-'
-- @include publish
state[5], state[6], state[7] = version, op, terms
return with_state('delivered', 'now', state)
