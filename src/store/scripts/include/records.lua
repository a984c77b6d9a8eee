-- Completion records: `r:<session>` = "<counter> <first version> <last version> <slot> <time ms> <sending>" tells the
-- outcome of a session's last operation; `s<slot>` names the session in each slot.
local RECORD_LIFE_MS = 60000
local SLOTS_LOOKED_AT = 8

local function server_time_ms()
    local now = redis.call('TIME')
    return now[1] * 1000 + math.floor(now[2] / 1000)
end

-- A slot for a session that has no record. Eight slots after a rotating cursor are looked at: one whose record is older than
-- a minute is taken over, else a new slot is opened, else the record with the lowest last version is dropped. So the hash
-- grows with the writers of a minute, not with all there ever were. Adds the fields to write to `fields`.
-- Returns the slot, the session whose record is to be dropped (or nil), and the version that this record had reached.
local function find_slot(now_ms, fields)
    local counts = redis.call('HMGET', key, 'rec_n', 'rec_used', 'rec_cursor')
    local most = math.max(tonumber(counts[1] or 1024), 1)
    local used, cursor = tonumber(counts[2] or 0), tonumber(counts[3] or 0)
    local slot, dropped, reached
    local looked = math.min(SLOTS_LOOKED_AT, used)
    if looked > 0 then
        local slots, names = {}, {}
        for i = 1, looked do
            slots[i] = (cursor + i - 1) % used
            names[i] = string.format('s%.0f', slots[i])
        end
        local sessions = redis.call('HMGET', key, unpack(names))
        for i = 1, looked do
            names[i] = 'r:' .. (sessions[i] or '')
        end
        local records = redis.call('HMGET', key, unpack(names))
        local lowest
        for i = 1, looked do
            local last, its_slot, time = string.match(records[i] or '', '^%d+ %d+ (%d+) (%d+) (%d+)')
            if tonumber(its_slot) ~= slots[i] then          -- nobody lives here any more
                slot, dropped, reached = slots[i], nil, nil
                break
            end
            last = tonumber(last)
            if tonumber(time) < now_ms - RECORD_LIFE_MS then
                slot, dropped, reached = slots[i], sessions[i], last
                break
            end
            if used >= most and (not lowest or last < lowest) then
                slot, dropped, reached, lowest = slots[i], sessions[i], last, last
            end
        end
        fields[#fields + 1] = 'rec_cursor'
        fields[#fields + 1] = string.format('%.0f', (cursor + looked) % used)
    end
    if not slot then
        slot = used
        fields[#fields + 1] = 'rec_used'
        fields[#fields + 1] = string.format('%.0f', used + 1)
    end
    fields[#fields + 1] = string.format('s%.0f', slot)
    fields[#fields + 1] = session
    return slot, dropped, reached
end
