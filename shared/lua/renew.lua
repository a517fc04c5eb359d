-- running -> running: prolongs a lease, and shows that work goes on. ARGV: piece, owner token, lease in ms.
-- Answers 'kept', 'lost' (another owner, or the piece is closed) or the task's final status.
local piece, token, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
local id = task_of(piece)
if not is_open(id) then return redis.call('HGET', key('job', id), 'status') or 'lost' end
if redis.call('HGET', key('lease', piece), 'token') ~= token then return 'lost' end
redis.call('HSET', key('lease', piece), 'until', now + lease)
redis.call('SET', prefix .. 'consumed', now)
return 'kept'
