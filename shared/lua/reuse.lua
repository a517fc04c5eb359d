-- (nothing) -> succeeded: answers from the result of the same bytes and options, read before for the same owner.
-- ARGV: id, owner, cache digest, seconds to keep, seconds the tombstone outlives it, then the record's fields and values.
-- Answers the ids of tasks whose searchable PDF it may share, or none when there is no result any more; that lives as
-- long as the last task that has it.
local id, owner, digest, keep, tomb = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local job = key('job', id)
if redis.call('EXISTS', job) == 1 then return {origin_of(id)} end -- a repeat, whose reply was lost
local source = redis.call('GET', key('cache', owner .. ':' .. digest))
if not source then return {} end
local origin = origin_of(source)
local result, holders = key('result', origin), key('holders', origin)
local known = redis.call('HMGET', key('job', source), 'status', 'pages_total', 'pages_done', 'partial', 'expires')
if redis.call('EXISTS', result) == 0 or known[1] ~= 'succeeded' then return {} end
redis.call('HSET', job, 'status', 'succeeded', 'owner', owner, 'created', now, 'started', now, 'finished', now,
  'expires', now + keep * 1000, 'attempts', 0, 'pages_done', known[3], 'partial', known[4], 'origin', origin,
  unpack(ARGV, 6))
if known[2] then redis.call('HSET', job, 'pages_total', known[2]) end
redis.call('ZREMRANGEBYSCORE', holders, '-inf', now)
redis.call('ZADD', holders, known[5], source, now + keep * 1000, id)
for _, shared in ipairs({result, holders}) do
  if redis.call('PTTL', shared) < keep * 1000 then redis.call('EXPIRE', shared, keep) end
end
redis.call('SET', key('cache', owner .. ':' .. digest), id, 'EX', keep)
redis.call('EXPIRE', job, keep)
redis.call('SET', key('gone', id), 'task_expired ' .. owner, 'EX', keep + tomb)
redis.call('ZADD', prefix .. 'ended', now, id)
list_task(owner, id)
forget_list(owner, keep)
redis.call('INCR', prefix .. 'count:succeeded')
return {source, origin}
