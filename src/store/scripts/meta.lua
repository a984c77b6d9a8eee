-- meta: writes the metadata. It touches neither value nor version, and tells no watcher.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the reference must have
-- @arg     conditional   flag       only if base_op made the metadata that stands, else unconditional
-- @arg     base_op       text       the id of the last write that the client knows; empty: never written
-- @arg     meta          text
-- @reply   op, applied, now|record, metadata, id of its last write, format
--          op, gone|format|conflict, note, metadata, id of its last write, format
-- @resend  check
-- @include operation
-- @include format
-- @include attribute

local found = redis.pcall('HMGET', key, 'fmt', 'epoch', 'meta', 'meta_op')
if found.err then
    local there = type_after(found)
    return there and attribute_reply('gone', there) or found
end
local answer = attribute_answer(found)
if answer then
    return answer
end
local done = redis.pcall('HSET', key, 'meta', meta, 'meta_op', op)
if type(done) == 'table' and done.err then
    return done
end
return attribute_reply('applied', 'now', meta, op, found[1])
