-- Time to live needs a second write beside HSET. Who may not do it is refused before the first one, so that nothing is done by
-- halves. (Redis before 7.0 can't be asked; there the life is left as it was.)
local function refused_to_expire(command)
    if redis.acl_check_cmd and not redis.acl_check_cmd(command, key, '1') then
        return redis.error_reply('NOPERM this user has no permissions to run the \'' .. string.lower(command) .. '\' command')
    end
end

local function set_life(ttl_ms)
    redis.pcall('PEXPIRE', key, ttl_ms)
end
