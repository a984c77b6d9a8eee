-- expire: sets or ends the time to live, counted from now and from each later change.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the reference must have
-- @arg     conditional   flag       only if base_op made the time to live that stands, else unconditional
-- @arg     base_op       text       the id of the last write that the client knows; empty: never written
-- @arg     ttl           number?    milliseconds; none: it lives for ever
-- @reply   op, applied, now|record, milliseconds (0: for ever), id of its last write, format
--          op, gone|format|conflict, note, milliseconds, id of its last write, format
-- @resend  check
-- @include operation
-- @include format
-- @include attribute
-- @include ttl

local found = redis.pcall('HMGET', key, 'fmt', 'epoch', 'ttl', 'ttl_op')
if found.err then
    local there = type_after(found)
    return there and attribute_reply('gone', there) or found
end
local answer = attribute_answer(found)
if answer then
    return answer
end
local refused = refused_to_expire(ttl and 'PEXPIRE' or 'PERSIST')
if refused then
    return refused
end
local text = string.format('%.0f', ttl or 0)
local done = redis.pcall('HSET', key, 'ttl', text, 'ttl_op', op)
if type(done) == 'table' and done.err then
    return done
end
if ttl then
    set_life(text)
else
    redis.pcall('PERSIST', key)
end
return attribute_reply('applied', 'now', text, op, found[1])
