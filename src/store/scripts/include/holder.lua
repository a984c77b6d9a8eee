-- Who is not the holder of the lease changes nothing. Token and owner together: after a failover that lost changes the same
-- number is given again, to another. A lease that has ended is still its owner's, until somebody takes over.
-- @guard token
if delay.token ~= token or delay.owner ~= owner or owner == '' then
    return delay_reply('lost', 'hash')
end
-- @end
