-- delay_renew: the lease lasts for its whole length again. Several are renewed in one round trip by sending one command each.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the delay must have
-- @arg     token         digits     the lease's number
-- @arg     owner         text       the claim that was granted it, as the grant named it
-- @reply   op, renewed, now, state, delay, now
--          op, lost|realized|failed|gone|format, note, state, delay, now
-- @resend  safe
-- @include delay

local refusal = another() or result()
if refusal then
    return refusal
end
-- @include holder
return write_delay({'lease_until', after(delay.lease_ms), 'renewals', string.format('%.0f', delay.renewals + 1)}, true)
    or delay_reply('renewed', 'now')
