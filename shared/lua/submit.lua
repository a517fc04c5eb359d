-- (nothing) -> queued; a task that is there already stays as it is, since a client of Redis repeats what it got no
-- answer to. ARGV: id, owner, most open tasks, most of this owner's, priority, which names its queue as well, the
-- message that sends it, idempotency key or '', its fingerprint, seconds that a result is kept, then the record's fields
-- and values. Answers {'accepted', id, when it was}, {'replayed', id}, {'mismatch', id}, {'full', open tasks}, {'busy',
-- the owner's open tasks} or {'refused', id}: it comes after the task was erased, or nobody waits for its answer.
local id, owner, most, owners_most, priority = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local message, idempotency, fingerprint, seconds = ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local created = redis.call('HGET', key('job', id), 'created')
if created then return {'accepted', id, tonumber(created)} end
if redis.call('EXISTS', key('gone', id), key('refused', id)) > 0 then return {'refused', id} end
if idempotency ~= '' then
  local name = key('idempotency', owner .. ':' .. idempotency)
  local known = redis.call('HMGET', name, 'id', 'fingerprint')
  if known[1] then
    return {known[2] == fingerprint and 'replayed' or 'mismatch', known[1]}
  end
end
local open = redis.call('ZCARD', prefix .. 'active')
if open >= most then return {'full', open} end
local owned = tonumber(redis.call('HGET', prefix .. 'owned', owner) or 0)
if owned >= owners_most then return {'busy', owned} end
if idempotency ~= '' then
  local name = key('idempotency', owner .. ':' .. idempotency)
  redis.call('HSET', name, 'id', id, 'fingerprint', fingerprint)
  redis.call('EXPIRE', name, seconds)
end
redis.call('HSET', key('job', id), 'status', 'queued', 'owner', owner, 'priority', priority, 'created', now,
  'attempts', 0, 'pages_done', 0, unpack(ARGV, 10))
if idempotency ~= '' then redis.call('HSET', key('job', id), 'idempotency', owner .. ':' .. idempotency) end
redis.call('ZADD', prefix .. 'active', now, id)
redis.call('ZADD', prefix .. 'waiting', priority == 'bulk' and now + 1e13 or now, id)
list_task(owner, id)
redis.call('HINCRBY', prefix .. 'owned', owner, 1)
open_piece(id)
redis.call('LPUSH', priority, message)
return {'accepted', id, now}
