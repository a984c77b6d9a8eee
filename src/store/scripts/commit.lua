-- commit: makes the next version of a value, exactly once over all sendings of an operation (guarantee G2).
-- Every sending is checked, not only a repeat: the original can arrive after its repeat. The answers are tried in the order
-- of the table in docs/wire-format.md; all checks come before the first write.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the reference must have; it pins the type too
-- @arg     conditional   flag       a compare-and-set on the base's identity, else unconditional
-- @arg     base_version  digits     the identity that the client knew at the first sending; 0 if none
-- @arg     base_op       text       likewise; empty if none
-- @arg     base_term     text       the terms entry that came with it; empty if none
-- @arg     fresh         flag       first sending, and the base was read on the very connection that carries it
-- @arg     server        text       "<run id>:<replication id>" of the server it is sent to, empty if hidden
-- @arg     want_old      flag       answer with the predecessor's value
-- @arg     value         text
-- @arg     ring_limit    number     bytes of a value that the ring keeps
-- @arg     message_limit number     bytes of a value that a message carries
-- @arg     db            digits     database number, for the message
-- @reply   op, applied, now|record, version, op that made it, terms entry, predecessor's version, op, value
--          op, gone|format|stale|too-old|conflict, note, state
--          note: the key's type as Redis names it; for format: the format that this script knows
-- @resend  check
-- @include operation
-- @include state
-- @include format
-- @include terms
-- @include lineage
-- @include ring
-- @include records
-- @include ttl
-- @include publish

local record_field = 'r:' .. session
local head = redis.pcall('HMGET', key, 'fmt', 'type', 'epoch', 'version', 'op', 'terms', 'ring_n', 'ttl', 'floor',
    record_field, want_old and 'value' or 'fmt')
if head.err then
    local there = type_after(head)
    return there and with_state('gone', there) or head
end
local version_before, op_before, terms, ring_n = head[4] or '0', head[5] or '-', head[6] or '', tonumber(head[7] or 0)
local before = tonumber(version_before)

local answer, note = mismatch(head[1], head[3])
if answer then
    return with_state(answer, note, read_state())
end

-- The last operation of this session, if its record is still there (and then the slot is its own).
local done_counter, done_first, done_last, slot, done_sending =
    string.match(head[10] or '', '^(%d+) (%d+) (%d+) (%d+) %d+ (%d+)$')
-- @guard records
if done_counter then
    if done_counter == counter then
        local previous = tonumber(done_first) - 1
        local previous_op, previous_value = ring_read(previous, ring_n)
        local term
        for entry in string.gmatch(terms, '%S+') do
            if tonumber(string.match(entry, '^%d+')) > tonumber(done_last) then
                break
            end
            term = entry
        end
        return {op, 'applied', 'record', done_last, session .. '-' .. counter .. '-' .. done_sending, term or false,
            (previous == 0 or previous_op) and string.format('%.0f', previous) or false, previous_op or false,
            want_old and previous_value or false}
    end
    if tonumber(done_counter) > tonumber(counter) then
        return with_state('stale', 'hash', read_state())
    end
end
-- @end
local base = tonumber(base_version)
-- @guard floor
if not slot and tonumber(head[9] or 0) > base then
    return with_state('too-old', 'hash', read_state())
end
-- @end
if conditional then
    if base ~= before or (base > 0 and base_op ~= op_before) then
        return with_state('conflict', 'hash', read_state())
    end
-- @guard terms
else
    local lies_here = on_this_history(base, base_op, base_term, before, op_before, terms, ring_n)
    if lies_here == false then
        return with_state('conflict', 'hash', read_state())
    elseif lies_here == nil and not fresh then
        return with_state('too-old', 'hash', read_state())
    end
-- @end
end

local ttl = head[8] and head[8] ~= '0' and head[8]
if ttl then
    local refused = refused_to_expire('PEXPIRE')
    if refused then
        return refused
    end
end
local version = string.format('%.0f', before + 1)
local fields = {'version', version, 'op', op, 'value', value}
if ring_n > 0 then
    fields[7] = string.format('h%.0f', (before + 1) % ring_n)
    fields[8] = ring_entry(version, op, value, ring_limit)
end
local terms_now = terms_after(terms, version, server)
if terms_now ~= terms then
    fields[#fields + 1] = 'terms'
    fields[#fields + 1] = terms_now
end
local now_ms = server_time_ms()
local dropped, reached
if not slot then
    slot, dropped, reached = find_slot(now_ms, fields)
    slot = string.format('%.0f', slot)
    if reached and reached > tonumber(head[9] or 0) then
        fields[#fields + 1] = 'floor'
        fields[#fields + 1] = string.format('%.0f', reached)
    end
end
fields[#fields + 1] = record_field
fields[#fields + 1] = counter .. ' ' .. version .. ' ' .. version .. ' ' .. slot .. ' ' .. string.format('%.0f', now_ms)
    .. ' ' .. sending
local done = redis.pcall('HSET', key, unpack(fields))
if type(done) == 'table' and done.err then
    return done
end
if dropped then
    redis.pcall('HDEL', key, 'r:' .. dropped)        -- one that stays only takes room: it still tells the truth
end
if ttl then
    set_life(ttl)
end
local term = last_term(terms_now)
publish('change', version_before, op_before, version, op, term, value, message_limit)
return {op, 'applied', 'now', version, op, term or false, version_before, head[5], want_old and head[11] or false}
