-- commit: makes the next version of a value, exactly once over all sendings of an operation (guarantee G2).
-- Every sending is checked, not only a repeat: the original can arrive after its repeat. The answers are tried in the order
-- of the table in docs/wire-format.md; all checks come before the first write.
--
-- It is the script that runs most, and most often upon the very state that its client knows. That case comes first and is
-- short (each argument, field, number and local function costs every run): if the head is the base, then nothing was made
-- since the client read it, so this operation has not been applied, no later one of the session has, and the floor is not above
-- it. The rest is only defined where it is needed. store/commit_call.cpp composes the arguments.
--
-- @key     key
-- @wire
-- @arg     op            text       this sending: "<session>-<counter>-<sending>"
-- @arg     base_op       text       what made the state that the client knew at the first sending; empty: version 0
-- @arg     news          text       "1 change <db> <epoch> <base version> <base op> <version> <op> <base term>", "-" for an empty one:
--                                   what the message begins with if the head is the base
-- @arg     version       digits     the one after the base's
-- @arg     ring_field    text       "h<i>" of that version
-- @arg     mode          text       c: compare-and-set on the base's identity; u: unconditional; f: unconditional, first sending, and the
--                                   base was read on the very connection that carries it. Alone: a small value, sent to the
--                                   server of the base's term, the old value is not wanted. Else followed by 0 or 1 each for: old
--                                   value wanted, value fits the ring, value fits a message; and by "<run id>:<replication
--                                   id>" of the server it is sent to, empty if hidden
-- @arg     value         text
-- @reply   op                                     applied upon the base
--          op, applied, now|record, version, op that made it, terms entry, predecessor's version, op, value
--          op, gone|format|stale|too-old|conflict, note, state
--          note: the key's type as Redis names it; for format: the format that this script knows
-- @resend  check

local record_field = 'r:' .. string.sub(op, 1, 32)
local found = redis.pcall('HMGET', key, 'op', 'fmt', 'ttl', record_field)
if found[1] ~= base_op or found[2] ~= '1' or found[3] ~= '0' or not found[4] or #mode ~= 1 then
-- @include commit_otherwise
end
local done = redis.pcall('HSET', key, 'version', version, 'op', op, 'value', value,
    ring_field, version .. ' ' .. op .. ' v' .. value,
    record_field, string.match(found[4], '^%d+') .. ' ' .. version .. ' ' .. version .. ' ' .. op)
if type(done) == 'table' and done.err then
    return done
end
pcall(redis.set_repl, redis.REPL_NONE)               -- see include/publish.lua
redis.pcall('PUBLISH', key, news .. ' v' .. value)
return op
