-- delay_release: gives the lease back without a result. The request stands, and the next holder of a body is told.
-- After a repeat the answer is `lost`, as the lease is.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the delay must have
-- @arg     token         digits     the lease's number
-- @arg     owner         text       the claim that was granted it, as the grant named it
-- @arg     db            digits     database number, for the message
-- @reply   op, released, now, state, delay, now
--          op, lost|realized|failed|gone|format, note, state, delay, now
-- @resend  safe
-- @include delay

local refusal = another() or result()
if refusal then
    return refusal
end
-- @include holder
local failed = write_delay({'owner', '', 'lease_until', '0'}, true)
if failed then
    return failed
end
local event, version_before, op_before, version, made_by, term, content = 'wanted', '0', '', '0', op, '', '-'
-- @include publish
return delay_reply('released', 'now')
