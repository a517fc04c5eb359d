-- Counts for open pieces that they were seen neither held nor queued. ARGV: how often in a row is too often, the pieces.
-- Answers the pieces it is too often for; their count begins anew.
local lost = {}
for i = 2, #ARGV do
  local piece = ARGV[i]
  local held = tonumber(redis.call('HGET', key('lease', piece), 'until') or 0)
  if redis.call('ZSCORE', prefix .. 'open', piece) and held <= now
    and redis.call('HINCRBY', prefix .. 'misses', piece, 1) >= tonumber(ARGV[1]) then
    redis.call('HDEL', prefix .. 'misses', piece)
    table.insert(lost, piece)
  end
end
return lost
