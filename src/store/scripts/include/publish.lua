-- Tells the watchers, last of all. A publisher without a right to the channel has still made its change, so a failure is no
-- error: watchers learn from the hash. Replicas get the change itself; sending them the message too would only be a third copy.
local function publish(kind, version_before, op_before, version, made_by, term, value, limit)
    local tail = ' -'
    if value and #value <= limit then
        tail = ' v' .. value
    end
    pcall(redis.set_repl, redis.REPL_NONE)
    redis.pcall('PUBLISH', key, '1 ' .. kind .. ' ' .. db .. ' ' .. epoch .. ' ' .. version_before .. ' ' .. op_before
        .. ' ' .. version .. ' ' .. made_by .. ' ' .. (term or '-') .. tail)
    pcall(redis.set_repl, redis.REPL_ALL)
end
