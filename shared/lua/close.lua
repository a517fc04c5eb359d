-- The pages of a slice are all kept: its piece is done. ARGV: piece, owner token, or '' for a piece given up.
local piece, token = ARGV[1], ARGV[2]
if (redis.call('HGET', key('lease', piece), 'token') or '') ~= token then return 0 end
close_piece(piece)
return 1
