-- Who asks: the text of this sending, echoed as the first element of every reply, so that no answer reaches the wrong caller.
local op = session .. '-' .. counter .. '-' .. sending
