-- Metadata and time to live: a content and the id of its last write, changed by compare-and-set on that id. No ring, no
-- record: a sending that finds its own operation's id has been applied.
local function attribute_reply(answer, note, content, content_op, fmt)
    return {op, answer, note, content or false, content_op or false, fmt or false}
end

-- What is to be answered without a write, or nil. `found`: fmt, epoch, content, id of its last write.
local function attribute_answer(found)
    local answer, note = mismatch(found[1], found[2], epoch)
    if answer then
        return attribute_reply(answer, note, nil, nil, found[1])
    end
    local mine = session .. '-' .. counter .. '-'
    if found[4] and string.sub(found[4], 1, #mine) == mine then
        return attribute_reply('applied', 'record', found[3], found[4], found[1])
    end
    if conditional and (found[4] or '') ~= base_op then
        return attribute_reply('conflict', 'hash', found[3], found[4], found[1])
    end
end
