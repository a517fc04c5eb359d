-- any state -> deleted: nothing of the task is left but a tombstone. ARGV: task id, seconds to keep the tombstone.
local id, tomb = ARGV[1], ARGV[2]
local job = key('job', id)
local owner = redis.call('HGET', job, 'owner')
if not owner then return 0 end
if is_open(id) then disown(owner) end
for _, piece in ipairs(redis.call('SMEMBERS', key('pieces', id))) do close_piece(piece) end
local digest = redis.call('HGET', job, 'cache')
if digest and redis.call('GET', key('cache', owner .. ':' .. digest)) == id then
  redis.call('DEL', key('cache', owner .. ':' .. digest))
end
local idempotency = redis.call('HGET', job, 'idempotency')
if idempotency then redis.call('DEL', key('idempotency', idempotency)) end
redis.call('DEL', job, key('result', id), key('pages', id), key('pieces', id))
redis.call('ZADD', prefix .. 'ended', now, id)
redis.call('ZREM', prefix .. 'active', id)
redis.call('ZREM', prefix .. 'waiting', id)
redis.call('ZREM', key('tasks', owner), id)
forget_list(owner, tomb)
redis.call('SET', key('gone', id), 'task_deleted ' .. owner, 'EX', tomb)
tell(id, 'done')
return 1
