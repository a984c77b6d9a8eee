-- inspect: everything about a reference for a person to look at, without its value. Reads only; any key will do.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     last          number     so many of the last changes
-- @arg     value_limit   number     a longer value of theirs is left out
-- @reply   op, inspected, the key's type as Redis names it, state (without its value), size of the value, metadata,
--          time to live in ms, what is left of it (negative: none), number of fields, length of the ring, most records,
--          slots used, floor, delay (without a failure's payload), now, then ring entries with rising versions
-- @resend  safe
-- @include operation
-- @include state

local there = redis.call('TYPE', key).ok
if there ~= 'hash' then
    return with_state('inspected', there)
end
local state = redis.call('HMGET', key, 'fmt', 'type', 'codec', 'epoch', 'version', 'op', 'terms', 'ring_n')
local reply = with_state('inspected', there, state)
local more = redis.call('HMGET', key, 'meta', 'ttl', 'ring_n', 'rec_n', 'rec_used', 'floor')
reply[13] = redis.call('HSTRLEN', key, 'value')
reply[14], reply[15], reply[16] = more[1], more[2], redis.call('PTTL', key)
reply[17], reply[18], reply[19], reply[20], reply[21] = redis.call('HLEN', key), more[3], more[4], more[5], more[6]
local delay = redis.call('HMGET', key, 'state', 'token', 'owner', 'renewals', 'lease_until', 'lease_ms', 'retry', 'attempt',
    'failure', 'failure_kind', 'failure_message')
for i = 1, 11 do
    reply[21 + i] = delay[i]
end
local time = redis.call('TIME')
reply[33], reply[34] = false, string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local head, ring_n = tonumber(state[5] or 0), tonumber(more[3] or 0)
for version = math.max(1, head - math.min(last, ring_n) + 1), head do
    local entry = redis.call('HGET', key, string.format('h%.0f', version % ring_n)) or ''
    local number, made_by, kept = string.match(entry, '^(%d+) (%S+) (.)')
    if tonumber(number) == version then
        if #entry - #number - #made_by - 3 > value_limit then
            entry = number .. ' ' .. made_by .. ' -'
        end
        reply[#reply + 1] = entry
    end
end
return reply
