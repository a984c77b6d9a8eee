-- The ring of recent versions: field h<version mod ring_n> holds "<version> <op> v<value>", or "<version> <op> -" for a
-- value that is too big to be kept twice.
local function ring_entry(version, made_by, value, limit)
    if #value > limit then
        return version .. ' ' .. made_by .. ' -'
    end
    return version .. ' ' .. made_by .. ' v' .. value
end

-- The entry of a version, if the ring still holds it: op, value (nil for a big one).
local function ring_read(version, ring_n)
    if version < 1 or ring_n < 1 then
        return nil
    end
    local entry = redis.call('HGET', key, 'h' .. string.format('%.0f', version % ring_n)) or ''
    local there, made_by, kept = string.match(entry, '^(%d+) (%S+) (.)')
    if tonumber(there) ~= version then
        return nil
    end
    return made_by, kept == 'v' and string.sub(entry, #there + #made_by + 4) or nil
end
