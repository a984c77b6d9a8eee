-- delay_request: somebody waits for the delay's value. What a waiter sends first, and again as its sweep. It changes nothing if the
-- request stands or there is a result.
-- Holders of a body are told, also once after each lease that ended without a result, so that one of them takes over.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the delay must have
-- @arg     seen_attempt  digits     the last failure that the waiter knew when it began to wait: the number of
-- @arg     seen_token    digits     its attempt, and the lease that it was made under; an empty owner: it knew none
-- @arg     seen_owner    text
-- @arg     db            digits     database number, for the message
-- @reply   op, wanted, now|stands, state, delay, now
--          op, realized|failed|attempt-failed, note, state, delay, now: with the value or the failure's text
--          op, gone|format, note, state, delay, now
--          note: the key's type as Redis names it; for format: the format that this script knows
-- @resend  safe
-- @include delay

local refusal = another() or result(true) or failed_since(seen_attempt, seen_token, seen_owner)
if refusal then
    return refusal
end
local ends, jumped = lease_end()
local raised = delay.state ~= 'wanted'
local ended = not raised and ends and ends <= now and delay.lease_until ~= '0'
local fields
if raised then
    fields = {'state', 'wanted'}
elseif jumped then
    fields = {'lease_until', string.format('%.0f', ends)}
elseif ended then
    fields = {'lease_until', '0'}                        -- told once: nobody who asks after this tells it again
end
if fields then
    local failed = write_delay(fields, raised)
    if failed then
        return failed
    end
end
if raised or ended then
    local event, version_before, op_before, version, made_by, term, content = 'wanted', '0', '', '0', op, '', '-'
-- @include publish
end
return delay_reply('wanted', raised and 'now' or 'stands')
