-- any state -> deleted: nothing of the task is left but a tombstone. ARGV: task id, seconds to keep the tombstone.
local id, tomb = ARGV[1], ARGV[2]
local job = key('job', id)
local owner = redis.call('HGET', job, 'owner')
if not owner then return 0 end
if is_open(id) then disown(owner) end
for _, piece in ipairs(redis.call('SMEMBERS', key('pieces', id))) do close_piece(piece) end
local origin = origin_of(id)
local holders = key('holders', origin)
redis.call('ZREM', holders, id)
redis.call('ZREMRANGEBYSCORE', holders, '-inf', now)
local heir, moment = unpack(redis.call('ZRANGE', holders, -1, -1, 'WITHSCORES'))
local cache = key('cache', owner .. ':' .. (redis.call('HGET', job, 'cache') or ''))
local is_cached = redis.call('GET', cache) == id
if heir then
  for _, shared in ipairs({key('result', origin), holders}) do redis.call('PEXPIREAT', shared, moment) end
  if is_cached then redis.call('SET', cache, heir, 'PXAT', moment) end
else
  redis.call('DEL', key('result', origin), holders)
  if is_cached then redis.call('DEL', cache) end
end
local idempotency = redis.call('HGET', job, 'idempotency')
if idempotency then redis.call('DEL', key('idempotency', idempotency)) end
redis.call('DEL', job, key('pages', id), key('pieces', id))
redis.call('ZADD', prefix .. 'ended', now, id)
redis.call('ZREM', prefix .. 'active', id)
redis.call('ZREM', prefix .. 'waiting', id)
redis.call('ZREM', key('tasks', owner), id)
forget_list(owner, tomb)
redis.call('SET', key('gone', id), 'task_deleted ' .. owner, 'EX', tomb)
tell(id, 'done')
return 1
