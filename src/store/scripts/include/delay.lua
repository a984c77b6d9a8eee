-- What every script of a delay begins and ends with: its fields in one read, whether it is the one that was meant, whether it has
-- a result already, who holds the lease by the server's clock, and the reply. Who may write is asked by the scripts themselves.
-- @include operation
-- @include format
-- @include ttl
local NAMES = {'fmt', 'type', 'codec', 'epoch', 'version', 'op', 'terms', 'ring_n',
    'state', 'token', 'owner', 'renewals', 'lease_until', 'lease_ms', 'retry', 'attempt', 'failure', 'ttl'}
local found = redis.pcall('HMGET', key, unpack(NAMES))
local delay, now = {}, 0
if not found.err then
    for i = 1, #NAMES do
        delay[NAMES[i]] = found[i]
    end
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- `told`: with the value, or the failure's text. Only before a write: what comes after one must not fail.
local function delay_reply(answer, note, told)
    local reply = {op, answer, note}
    for i = 1, 8 do
        reply[3 + i] = delay[NAMES[i]] or false
    end
    reply[12] = told and delay.state == 'realized' and redis.call('HGET', key, 'value') or false
    for i = 9, 17 do
        reply[4 + i] = delay[NAMES[i]] or false
    end
    local text = told and delay.state ~= 'realized'
        and redis.call('HMGET', key, 'failure_kind', 'failure_message', 'failure_payload') or {}
    for i = 1, 3 do
        reply[21 + i] = text[i] or false
    end
    reply[25] = string.format('%.0f', now)
    return reply
end

-- The answer if this is not the delay that was meant.
local function another()
    if found.err then
        local there = type_after(found)
        return there and delay_reply('gone', there) or found
    end
    local answer, note = mismatch(delay.fmt, delay.epoch, epoch)
    if not answer and delay.type ~= 'delay' then
        answer, note = 'gone', 'hash'
    end
    return answer and delay_reply(answer, note)
end

-- The answer if there is a result, which never changes.
local function result(told)
    if delay.state == 'realized' or delay.state == 'failed' then
        return delay_reply(delay.state, 'hash', told)
    end
end

-- The answer to who waits since before the last failed attempt: the failure is theirs. One of a lower number than the failure that
-- they knew is older, put back by a failover that lost changes; of the same number another lease's is news, made after such a one.
local function failed_since(seen_attempt, seen_token, seen_owner)
    local attempt, by_token, by_owner = string.match(delay.failure or '', '^(%d+) (%d+) (%S+)')
    if not attempt then
        return
    end
-- @guard news
    local more = tonumber(attempt) - tonumber(seen_attempt)
    if more < 0 or (more == 0 and by_token == seen_token and by_owner == seen_owner) then
        return
    end
-- @end
    return delay_reply('attempt-failed', 'hash', true)
end

local function after(ms)
    return string.format('%.0f', now + ms)
end

-- When the lease ends; nil if nobody has one. One that ends later than a whole lease from now was made before the clock was set
-- back: it gets a whole lease, which is to be written (the second result).
local function lease_end()
    if (delay.owner or '') == '' then
        return nil
    end
    local ends, latest = tonumber(delay.lease_until or 0), now + tonumber(delay.lease_ms)
-- @guard clock
    if ends > latest then
        return latest, true
    end
-- @end
    return ends
end

-- Writes fields, a list of names and contents; answers the server's error if nothing was written. `lives`: a change, from
-- which the time to live counts anew.
local function write_delay(fields, lives)
    local ttl = lives and delay.ttl and delay.ttl ~= '0' and delay.ttl
    local refused = ttl and refused_to_expire('PEXPIRE')
    if refused then
        return refused
    end
    local done = redis.pcall('HSET', key, unpack(fields))
    if type(done) == 'table' and done.err then
        return done
    end
    if ttl then
        set_life(ttl)
    end
    for i = 1, #fields, 2 do
        delay[fields[i]] = fields[i + 1]
    end
end
