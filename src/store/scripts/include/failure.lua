-- The last failure: `failure` = "<attempt> <token> <owner> <time> p|-" (p: it has a payload) and its text in three fields. The owner
-- names it, since it ran the body but once.
local function failed_by(by_token, by_owner)
    local there_token, there_owner = string.match(delay.failure or '', '^%d+ (%d+) (%S+)')
    return there_token == by_token and there_owner == by_owner
end
