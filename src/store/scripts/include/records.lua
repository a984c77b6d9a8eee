-- Completion records: `r:<session>` = "<slot> <first version> <last version> <op>" tells the outcome of a session's last
-- operation; `s<slot>` = "<session>" names the session in each slot.
local RECORD_LIFE = 60
local SLOTS_LOOKED_AT = 8

-- A slot for a session that has no record. Eight slots after a rotating cursor are looked at: one whose record has not moved
-- for a minute is taken over, else a new slot is opened, else the record with the lowest last version is dropped. So the hash
-- grows with the writers of a minute, not with all there ever were. Writers need not tell the time for that: who looks at a
-- slot leaves a note in it, "<session> <last version> <seconds>", and who finds the note a minute later with the record as it
-- was takes the slot. Adds the fields to write to `fields`; returns the slot and the session whose record is dropped, if any.
local function find_slot(session, floor, most, used, cursor, fields)
    local slot, dropped, reached
    local function set(name, content)
        fields[#fields + 1] = name
        fields[#fields + 1] = content
    end
    local looked = math.min(SLOTS_LOOKED_AT, used)
    if looked > 0 then
        local now = tonumber(redis.call('TIME')[1])
        local slots, names, sessions = {}, {}, {}
        for i = 1, looked do
            slots[i] = (cursor + i - 1) % used
            names[i] = string.format('s%.0f', slots[i])
        end
        local notes = redis.call('HMGET', key, unpack(names))
        for i = 1, looked do
            sessions[i] = string.match(notes[i] or '', '^%S+') or ''
            names[i] = 'r:' .. sessions[i]
        end
        local records = redis.call('HMGET', key, unpack(names))
        local lowest
        for i = 1, looked do
            local its_slot, last = string.match(records[i] or '', '^(%d+) %d+ (%d+) ')
            if tonumber(its_slot) ~= slots[i] then          -- nobody lives here any more
                slot, dropped, reached = slots[i], nil, nil
                break
            end
            local noted, seconds = string.match(notes[i], '^%S+ (%d+) (%d+)$')
            if noted ~= last then
                set(string.format('s%.0f', slots[i]), string.format('%s %s %.0f', sessions[i], last, now))
            elseif tonumber(seconds) < now - RECORD_LIFE then
                slot, dropped, reached = slots[i], sessions[i], tonumber(last)
                break
            end
            if used >= most and (not lowest or tonumber(last) < lowest) then
                lowest = tonumber(last)
                slot, dropped, reached = slots[i], sessions[i], lowest
            end
        end
        set('rec_cursor', string.format('%.0f', (cursor + looked) % used))
    end
    if not slot then
        slot = used
        set('rec_used', string.format('%.0f', used + 1))
    end
    set(string.format('s%.0f', slot), session)           -- after its note, if it got one: the last one stays
    if dropped and reached > floor then
        set('floor', string.format('%.0f', reached))
    end
    return string.format('%.0f', slot), dropped
end
