-- changes: the newest state, and the changes since a version that the ring still holds. Reads only.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that is read
-- @arg     after         number     the version that is known already
-- @arg     most_bytes    number     of the entries together; the newest are kept when not all fit
-- @reply   op, changes, hash, state, op that made version `after` (nil if not known), then ring entries with rising versions up
--          to the head, whose own value stands in the state alone
--          op, gone|format, note, state
-- @resend  safe
-- @include operation
-- @include state
-- @include format
-- @include ring

local AT_ONCE = 128
local found = redis.pcall('HMGET', key, 'fmt', 'epoch', 'version', 'op', 'ring_n')
if found.err then
    local there = type_after(found)
    return there and with_state('gone', there) or found
end
local answer, note = mismatch(found[1], found[2], epoch)
if answer then
    return with_state(answer, note, found[1] and read_state())
end
local head, ring_n = tonumber(found[3] or 0), tonumber(found[5] or 0)
local base_op
if after == head then
    base_op = found[4]
elseif after < head then
    base_op = ring_read(after, ring_n)
end

-- From the newest down, some at a time, until the known version, a gap, or enough bytes.
local newest_first, bytes = {}, 0
local oldest = math.max(after + 1, head - ring_n + 1, 1)
local version = head
while version >= oldest do
    local names = {}
    for v = version, math.max(oldest, version - AT_ONCE + 1), -1 do
        names[#names + 1] = string.format('h%.0f', v % ring_n)
    end
    local entries = redis.call('HMGET', key, unpack(names))
    for i = 1, #names do
        local entry = entries[i] or ''
        local there, made_by = string.match(entry, '^(%d+) (%S+) ')
        if tonumber(there) == head then
            entry = there .. ' ' .. made_by .. ' -'
        end
        bytes = bytes + #entry
        if tonumber(there) ~= version or (bytes > most_bytes and version < head) then
            oldest = head + 1
            break
        end
        newest_first[#newest_first + 1] = entry
        version = version - 1
    end
end

local reply = with_state('changes', 'hash', read_state())
reply[13] = base_op or false
for i = #newest_first, 1, -1 do
    reply[#reply + 1] = newest_first[i]
end
return reply
