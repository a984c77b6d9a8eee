-- create: makes a reference if its key is absent; never changes one that is there.
-- A repeat that finds an epoch of one of its own sendings has made what it finds.
--
-- @key     key
-- @arg     session       text       the client's session, 32 hex digits
-- @arg     counter       digits     the operation's number within the session
-- @arg     sending       digits     the number of this sending, from 1
-- @arg     kind          text       atom, promise, delay
-- @arg     codec         text       codec label, empty for none
-- @arg     epoch         text       128 random bits in hex, drawn for this sending
-- @arg     earlier       text       the epochs of earlier sendings of this operation, separated by spaces
-- @arg     value         text?      the first value; none: version 0
-- @arg     ring_n        number     length of the ring, 0 for none
-- @arg     ring_limit    number     bytes of a value that the ring keeps
-- @arg     rec_n         number     most completion records, 0 for a reference without
-- @arg     ttl           number?    time to live in ms
-- @arg     meta          text?      metadata
-- @arg     server        text       "<run id>:<replication id>" of the server it is sent to, empty if hidden
-- @arg     message_limit number     bytes of a value that a message carries
-- @arg     db            digits     database number, for the message
-- @arg     lease_ms      number     a delay: how long a lease lasts that is not renewed
-- @arg     retry         flag       a delay: a failed body leaves it unrealized, unless the failure says otherwise
-- @reply   op, created|exists|foreign|wrongtype|format, note, state
--          note: the key's type as Redis names it; for format: the format that this script knows
-- @resend  safe
-- @include operation
-- @include state
-- @include format
-- @include terms
-- @include ttl

local there = redis.call('TYPE', key).ok
if there ~= 'none' and there ~= 'hash' then
    return with_state('wrongtype', there)
end
if there == 'hash' then
    local state = read_state()
    local format_there = tonumber(state[1] or '')
    if not format_there or not state[4] then
        return with_state('foreign', there)
    end
    if format_there > FORMAT then
        return with_state('format', tostring(FORMAT), state)
    end
    if state[4] == epoch or string.find(' ' .. earlier .. ' ', ' ' .. state[4] .. ' ', 1, true) then
        return with_state('created', there, state)
    end
    return with_state('exists', there, state)
end

local version = value and '1' or '0'
local terms = value and terms_after('', version, server) or ''
local fields = {'fmt', tostring(FORMAT), 'epoch', epoch, 'version', version}
local function set(name, content)
    fields[#fields + 1] = name
    fields[#fields + 1] = content
end
-- What each commit asks for comes first, and is there: in a small hash fields are searched from the beginning.
if value then
    set('op', op)
end
set('ttl', string.format('%.0f', ttl or 0))
set('terms', terms)
if ring_n > 0 then
    set('ring_n', string.format('%.0f', ring_n))
end
set('type', kind)
if codec ~= '' then
    set('codec', codec)
end
if value then
    set('value', value)
    if ring_n > 0 then
        set('h' .. string.format('%.0f', 1 % ring_n), version .. ' ' .. op .. (#value <= ring_limit and ' v' .. value or ' -'))
    end
end
if kind == 'delay' then
    set('state', 'open')
    set('token', '0')
    set('attempt', '0')
    set('lease_ms', string.format('%.0f', lease_ms))
    set('retry', retry and '1' or '0')
end
if rec_n > 0 then
    set('rec_n', string.format('%.0f', rec_n))
end
if meta then
    set('meta', meta)
    set('meta_op', op)
end
if ttl then
    local refused = refused_to_expire('PEXPIRE')
    if refused then
        return refused
    end
    set('ttl_op', op)
end
local done = redis.pcall('HSET', key, unpack(fields))
if type(done) == 'table' and done.err then
    return done
end
if ttl then
    set_life(string.format('%.0f', ttl))
end
local event, version_before, op_before, made_by, term = 'create', '0', '', value and op or '', last_term(terms)
local content = value and #value <= message_limit and 'v' .. value or '-'
-- @include publish
return with_state('created', 'none', {tostring(FORMAT), kind, codec ~= '' and codec, epoch, version, value and op, terms,
    ring_n > 0 and string.format('%.0f', ring_n), value})
