-- delete: removes the reference of one epoch, and no other; tells the watchers. Idempotent, not exactly-once: a late
-- original finds its epoch gone.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch to remove
-- @arg     db            digits     database number, for the message
-- @reply   op, deleted|gone|format, note, state (without its value)
--          note: the key's type as Redis names it, before; for format: the format that this script knows
-- @resend  safe
-- @include operation
-- @include state
-- @include format

local state = redis.pcall('HMGET', key, 'fmt', 'type', 'codec', 'epoch', 'version', 'op', 'terms', 'ring_n')
if state.err then
    local there = type_after(state)
    return there and with_state('gone', there) or state
end
local answer, note = mismatch(state[1], state[4], epoch)
if answer then
    return with_state(answer, note, state)
end
local done = redis.pcall('DEL', key)
if type(done) == 'table' and done.err then
    return done
end
local event, version_before, op_before = 'delete', state[5] or '0', state[6] or ''
local version, made_by, term, content = '0', op, '', '-'
-- @include publish
return with_state('deleted', 'hash', state)
