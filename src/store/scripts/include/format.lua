-- What every script asks before anything else: is this a hash of ours, of a format that we know, and the one that was meant?
local FORMAT = 1

-- The key's type as Redis names it, after a read that failed: an error that is not about the type is the reply itself.
local function type_after(failure)
    if string.sub(failure.err, 1, 9) == 'WRONGTYPE' then
        return redis.call('TYPE', key).ok
    end
end

-- Why the hash that was read is not the reference that was meant: nil if it is; else the answer and its note.
local function mismatch(fmt, epoch_there, epoch_meant)
    if not fmt then
        return 'gone', redis.call('TYPE', key).ok
    end
    local number = tonumber(fmt)
    if number and number > FORMAT then
        return 'format', tostring(FORMAT)
    end
    if epoch_there ~= epoch_meant then
        return 'gone', 'hash'
    end
end
