-- `terms`: which server made which versions, "<first version>:<run id>:<replication id>" oldest first, separated by spaces.
local MOST_TERMS = 16

-- The entry of the newest version; empty where servers hide who they are.
local function last_term(terms)
    return string.match(terms, '^.* (.*)$') or terms
end

-- The list once `server` ("<run id>:<replication id>") has made `version`. It grows if another run made the last version, or
-- if this replication id is not yet among the entries of this run at the list's end: attaching a first replica changes the
-- replication id under open connections, whose commits must not alternate. A commit that hides where it was made leaves
-- nothing that could be trusted about the versions to come: the list begins anew after it, and the ring decides until then.
local function terms_after(terms, version, server)
    if server == '' then
        return ''
    end
    if string.sub(terms, -#server - 1) == ':' .. server then
        return terms
    end
    local run = string.match(server, '^[^:]+:')
    local entries, known = {}, false
    for entry in string.gmatch(terms, '%S+') do
        entries[#entries + 1] = entry
        local maker = string.match(entry, ':(.*)$') or ''
        if maker == server then
            known = true
        elseif string.sub(maker, 1, #run) ~= run then
            known = false
        end
    end
    if known then
        return terms
    end
    entries[#entries + 1] = version .. ':' .. server
    return table.concat(entries, ' ', math.max(1, #entries - MOST_TERMS + 1))
end
