-- delay_claim: asks for the lease, the right to run the delay's body. Granted if nobody holds it by the server's clock. Who
-- forces the delay claims as a waiter, and raises the request by it; who only serves is granted what somebody waits for.
-- A repeat that finds its own operation as the owner is granted the same lease.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the delay must have
-- @arg     forcing       flag       the claimer waits for the value itself
-- @arg     seen_attempt  digits     forcing: the last failure that the waiter knew when it began to wait: the number of
-- @arg     seen_token    digits     its attempt, and the lease that it was made under; an empty owner: it knew none
-- @arg     seen_owner    text
-- @arg     lease_ms      number?    how long the lease lasts if it is not renewed; none: as before
-- @arg     stale_token   digits     a lease that the claimer has seen unchanged for one and a half of its length by its own
-- @arg     stale_owner   text       clock: if it still stands so, it is no longer held, whatever the server's clock says;
-- @arg     stale_renewals digits    an empty owner: none
-- @reply   op, granted, now|again, state, delay, now
--          op, held|idle, hash, state, delay, now
--          op, realized|failed|attempt-failed, note, state, delay, now: with the value or the failure's text
--          op, gone|format, note, state, delay, now
-- @resend  safe
-- @include delay

local refusal = another() or result(true)
if refusal then
    return refusal
end
local mine = session .. '-' .. counter .. '-'
local again = string.sub(delay.owner or '', 1, #mine) == mine
local length = tonumber(delay.lease_ms)
local fields
if again then
    fields = {'renewals', string.format('%.0f', delay.renewals + 1)}
else
    refusal = forcing and failed_since(seen_attempt, seen_token, seen_owner)
    if refusal then
        return refusal
    end
    if not forcing and delay.state ~= 'wanted' then
        return delay_reply('idle', 'hash')
    end
-- @guard lease
    local ends, jumped = lease_end()
    local stale = stale_owner ~= '' and stale_owner == delay.owner and stale_token == delay.token
        and stale_renewals == delay.renewals
    if ends and ends > now and not stale then
        local failed = jumped and write_delay({'lease_until', string.format('%.0f', ends)})
        return failed or delay_reply('held', 'hash')
    end
-- @end
    length = lease_ms or length
    fields = {'renewals', '0', 'state', 'wanted', 'token', string.format('%.0f', delay.token + 1), 'owner', op,
        'attempt', string.format('%.0f', delay.attempt + 1), 'lease_ms', string.format('%.0f', length)}
end
fields[#fields + 1] = 'lease_until'
fields[#fields + 1] = after(length)
return write_delay(fields, true) or delay_reply('granted', again and 'again' or 'now')
