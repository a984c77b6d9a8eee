-- deliver: gives a promise its value, if it has none. What stands is never changed, and its op stays with it: who finds an op
-- of his own operation there has delivered, by whichever sending. So a promise needs no records, no ring and no base.
--
-- Somebody waits for it, most often, so what happens most often comes first and is short, as in commit.
-- store/deliver_call.cpp composes the arguments.
--
-- @key     key
-- @wire
-- @arg     op            text       this sending: "<session>-<counter>-<sending>"
-- @arg     epoch         text       the epoch that the promise must have; it pins the type too
-- @arg     term          text       "1:<run id>:<replication id>" of the server it is sent to, empty if hidden
-- @arg     news          text       "1 change <db> <epoch> 0 - 1 <op> <term>", "-" for an empty one: what the message begins with
-- @arg     told          flag       the value goes with the message
-- @arg     value         text
-- @reply   op                                     delivered now
--          op, delivered, record, state (without its value)
--          op, standing, hash, state
--          op, gone|format, note, state
--          note: the key's type as Redis names it; for format: the format that this script knows
-- @resend  check

local found = redis.pcall('HMGET', key, 'epoch', 'version', 'fmt', 'ttl')
if found[1] ~= epoch or found[2] ~= '0' or found[3] ~= '1' or found[4] ~= '0' then
-- @include deliver_otherwise
end
local done = redis.pcall('HSET', key, 'version', '1', 'op', op, 'terms', term, 'value', value)
if type(done) == 'table' and done.err then
    return done
end
if found[4] and found[4] ~= '0' then
    redis.pcall('PEXPIRE', key, found[4])
end
pcall(redis.set_repl, redis.REPL_NONE)               -- see include/publish.lua
redis.pcall('PUBLISH', key, news .. (told and ' v' .. value or ' -'))
return op
