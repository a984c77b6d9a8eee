-- The answer to a sending whose operation was applied by an earlier one, from its record.
-- @include ring
local function applied_before(first, last, done_op, want_old)
    local term
    for entry in string.gmatch(terms, '%S+') do
        if tonumber(string.match(entry, '^%d+')) > tonumber(last) then
            break
        end
        term = entry
    end
    local previous = tonumber(first) - 1
    local previous_op, previous_value = ring_read(previous, ring_n)
    local known = previous == 0 or previous_op
    return {op, 'applied', 'record', last, done_op, term or false,
        known and string.format('%.0f', previous) or false, previous_op or false, want_old and previous_value or false}
end
