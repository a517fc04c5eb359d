-- running -> running, without a lease: the piece may be claimed again. ARGV: piece, owner token, error or '',
-- '1' when the attempt does not count (an orderly shutdown).
local piece, token, error, forgiven = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local lease = key('lease', piece)
if redis.call('HGET', lease, 'token') ~= token then return 0 end
redis.call('HSET', lease, 'until', 0, 'error', error)
redis.call('HDEL', lease, 'token')
if forgiven == '1' then redis.call('HINCRBY', lease, 'attempts', -1) end
return 1
