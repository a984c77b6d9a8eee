-- A commit whose base is not the head, or that needs more than the shortest way: the table of answers in full.
local head = found.err and {} or redis.call('HMGET', key, 'epoch', 'version', 'terms', 'ring_n', 'floor', 'rec_n', 'rec_used', 'rec_cursor')
local db, epoch, base_version = string.match(news, '^1 change (%d+) (%S+) (%d+)')
local version_before, op_before, terms = head[2], found[1] or '', head[3] or ''
local before, base, ring_n, floor = tonumber(version_before), tonumber(base_version), tonumber(head[4] or 0), tonumber(head[5] or 0)
local kind, want_old, in_ring, in_message, server = string.byte(mode, 1), false, true, true, string.sub(mode, 5)
if #mode == 1 then
    server = string.sub(news, -33)
else
    want_old, in_ring, in_message = string.byte(mode, 2) == 49, string.byte(mode, 3) == 49, string.byte(mode, 4) == 49
end
-- The last operation of this session, if its record is still there (and then the slot is its own).
local slot, first, last, done_op = string.match(found[4] or '', '^(%d+) (%d+) (%d+) (%S+)$')
local newer_by = slot and string.match(op, '%-(%d+)%-') - string.match(done_op, '%-(%d+)%-')
local answer, term
if found[2] ~= '1' or head[1] ~= epoch or not before then
    answer = 'gone'
-- @guard records
elseif newer_by == 0 then
-- @include repeat
    return applied_before(first, last, done_op, want_old)
elseif slot and newer_by < 0 then
    answer = 'stale'
-- @end
-- @guard floor
elseif not slot and floor > base then
    answer = 'too-old'
-- @end
elseif base == before and base_op == op_before then
    -- The head is the base.
elseif kind == 99 then                                   -- 'c'
    answer = 'conflict'
-- @guard terms
else
    term = string.match(news, '^.* (%S+)$')
    if base > before or term ~= terms then
-- @include lineage
        local lies_here = on_this_history(base, base_op, term, before, op_before, terms, ring_n)
        if lies_here == false then
            answer = 'conflict'
        elseif lies_here == nil and kind ~= 102 then     -- 'f'
            answer = 'too-old'
        end
    end
-- @end
end
if answer then
-- @include state
-- @include format
    if found.err then
        local there = type_after(found)
        return there and with_state('gone', there) or found
    end
    local other, note = mismatch(found[2], head[1], epoch)
    return with_state(other or answer, note or 'hash', read_state())
end

local ttl = found[3] and found[3] ~= '0' and found[3]
if ttl then
-- @include ttl
    local refused = refused_to_expire('PEXPIRE')
    if refused then
        return refused
    end
end
version = string.format('%.0f', before + 1)
local fields = {'version', version, 'op', op, 'value', value, record_field, false, nil, nil}
if ring_n > 0 then
    fields[9] = 'h' .. (before + 1) % ring_n
    fields[10] = version .. ' ' .. op .. (in_ring and ' v' .. value or ' -')
end
if server == '' or not string.find(terms, server, -33, true) then
-- @include terms
    local terms_now = terms_after(terms, version, server)
    if terms_now ~= terms then
        terms = terms_now
        fields[#fields + 1] = 'terms'
        fields[#fields + 1] = terms
    end
end
local dropped
if not slot then
-- @include records
    slot, dropped = find_slot(string.sub(op, 1, 32), floor, tonumber(head[6] or 1024), tonumber(head[7] or 0),
        tonumber(head[8] or 0), fields)
end
fields[8] = slot .. ' ' .. version .. ' ' .. version .. ' ' .. op
local old = want_old and redis.call('HGET', key, 'value')
local done = redis.pcall('HSET', key, unpack(fields))
if type(done) == 'table' and done.err then
    return done
end
if dropped then
    redis.pcall('HDEL', key, 'r:' .. dropped)            -- one that stays only takes room: it still tells the truth
end
if ttl then
    redis.pcall('PEXPIRE', key, ttl)
end
term = #terms > 60 and string.match(terms, '^.* (.*)$') or terms
local event, made_by, content = 'change', op, in_message and 'v' .. value or '-'
-- @include publish
return {op, 'applied', 'now', version, op, term ~= '' and term, version_before, found[1], old or false}
