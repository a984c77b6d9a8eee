-- Tells the watchers, last of all. A publisher without a right to the channel has still made its change, so a failure is no
-- error: watchers learn from the hash. Replicas get the change itself; sending them the message too would only be a third copy.
-- (What is set for the replication holds to the end of this run.) Expects the locals that it names; empty ones become "-";
-- `content` is "v<value>", or "-" for a value that is too big or not there.
pcall(redis.set_repl, redis.REPL_NONE)
redis.pcall('PUBLISH', key, '1 ' .. event .. ' ' .. db .. ' ' .. epoch .. ' ' .. version_before .. ' '
    .. (op_before == '' and '-' or op_before) .. ' ' .. version .. ' ' .. (made_by == '' and '-' or made_by) .. ' '
    .. (term == '' and '-' or term) .. ' ' .. content)
