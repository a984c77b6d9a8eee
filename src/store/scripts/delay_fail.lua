-- delay_fail: the body failed. The failure is kept like a result; or, with `retry`, it is for those who wait now, and the
-- delay is unrealized again. The last failure stays readable either way, named by its owner.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     epoch         text       the epoch that the delay must have
-- @arg     token         digits     the lease's number
-- @arg     owner         text       the claim that was granted it, as the grant named it
-- @arg     kind          text       the failure: a word for programs
-- @arg     message       text       a sentence for people
-- @arg     payload       text?      any bytes
-- @arg     retry         flag?      whether the delay is unrealized again; none: as its creation says
-- @arg     server        text       "<run id>:<replication id>" of the server it is sent to, empty if hidden
-- @arg     db            digits     database number, for the message
-- @reply   op, applied, now|record, state, delay, now
--          op, realized|failed, note, state, delay, now: with the value or the failure's text
--          op, lost|gone|format, note, state, delay, now
-- @resend  check
-- @include delay
-- @include terms
-- @include failure

local refusal = another()
if refusal then
    return refusal
end
if failed_by(token, owner) then
    return delay_reply('applied', 'record')
end
refusal = result(true)
if refusal then
    return refusal
end
-- @include holder
if retry == nil then
    retry = delay.retry == '1'
end
local fields = {'lease_until', '0',
    'failure', string.format('%s %s %s %.0f %s', delay.attempt, token, owner, now, payload and 'p' or '-'),
    'failure_kind', kind, 'failure_message', message, 'failure_payload', payload or ''}
local function set(name, content)
    fields[#fields + 1] = name
    fields[#fields + 1] = content
end
local version, terms = '0', ''
if retry then
    set('state', 'open')
    set('owner', '')
else
    version, terms = '1', terms_after(delay.terms or '', '1', server)
    set('state', 'failed')
    set('version', version)
    set('op', op)
    set('terms', terms)
end
local failed = write_delay(fields, true)
if failed then
    return failed
end
local event, version_before, op_before, made_by, term, content = 'failed', '0', '', op, last_term(terms), '-'
-- @include publish
return delay_reply('applied', 'now')
