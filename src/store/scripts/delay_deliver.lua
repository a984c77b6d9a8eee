-- delay_deliver: the body's value. It stands for ever, with the lease that made it: a repeat that finds its own there has delivered.
-- Who lost the lease changes nothing, and is told what stands.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the delay must have
-- @arg     token         digits     the lease's number
-- @arg     owner         text       the claim that was granted it, as the grant named it
-- @arg     value         text
-- @arg     server        text       "<run id>:<replication id>" of the server it is sent to, empty if hidden
-- @arg     message_limit number     bytes of a value that a message carries
-- @arg     db            digits     database number, for the message
-- @reply   op, applied, now|record, state (without its value), delay, now
--          op, realized|failed, note, state, delay, now: with the value or the failure's text
--          op, lost|gone|format, note, state, delay, now
-- @resend  check
-- @include delay
-- @include terms

local refusal = another()
if refusal then
    return refusal
end
if delay.state == 'realized' and delay.token == token and delay.owner == owner then
    return delay_reply('applied', 'record')
end
refusal = result(true)
if refusal then
    return refusal
end
-- @include holder
local terms = terms_after(delay.terms or '', '1', server)
local failed = write_delay({'state', 'realized', 'version', '1', 'op', op, 'terms', terms, 'lease_until', '0', 'value', value}, true)
if failed then
    return failed
end
local event, version_before, op_before, version, made_by, term = 'change', '0', '', '1', op, last_term(terms)
local content = #value <= message_limit and 'v' .. value or '-'
-- @include publish
return delay_reply('applied', 'now')
