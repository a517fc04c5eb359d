-- A slice's pages are all kept: its piece is done. ARGV: piece, owner token.
local piece, token = ARGV[1], ARGV[2]
if redis.call('HGET', key('lease', piece), 'token') ~= token then return 0 end
close_piece(piece)
return 1
