-- Does a state lie on this history? true or false, or nil (`term` is "-" if there is none) when nothing here can tell. The list of terms tells it of
-- versions that are long out of the ring; where it can't, the ring does while it holds the version.
local function on_this_history(version, made_by, term, head_version, head_op, terms, ring_n)
    if version == 0 then
        return true
    end
    if version > head_version then
        return false
    end
    if version == head_version then
        return made_by == head_op
    end
    if term ~= '-' then
        local maker
        for entry in string.gmatch(terms, '%S+') do
            if tonumber(string.match(entry, '^%d+')) > version then
                break
            end
            maker = entry
        end
        if maker then
            return maker == term
        end
    end
    if ring_n > 0 then
        local entry = redis.call('HGET', key, 'h' .. string.format('%.0f', version % ring_n))
        local there, there_op = string.match(entry or '', '^(%d+) (%S+) ')
        if tonumber(there) == version then
            return there_op == made_by
        end
    end
end
