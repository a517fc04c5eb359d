-- queued or running -> succeeded, failed or cancelled; the first writer wins. ARGV: task id, status, result or '',
-- error or '', seconds to keep, seconds the tombstone outlives it, '1' when partial, pages in all or '', '1' when the
-- same upload may be answered from the result. Answers 1 when this call finished the task, else 0.
local id, status, result, error = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local keep, tomb, partial = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local job = key('job', id)
if not is_open(id) then return 0 end
local owner = redis.call('HGET', job, 'owner')
redis.call('HSET', job, 'status', status, 'finished', now, 'expires', now + keep * 1000, 'partial', partial)
if ARGV[8] ~= '' then redis.call('HSETNX', job, 'pages_total', ARGV[8]) end
local total = redis.call('HGET', job, 'pages_total')
if status == 'succeeded' and total then redis.call('HSET', job, 'pages_done', total) end
if error ~= '' then redis.call('HSET', job, 'error', error) end
if result ~= '' then redis.call('SET', key('result', id), result, 'EX', keep) end
local digest = redis.call('HGET', job, 'cache')
if status == 'succeeded' and ARGV[9] == '1' and digest and digest ~= '' then
  redis.call('SET', key('cache', owner .. ':' .. digest), id, 'EX', keep)
end
for _, piece in ipairs(redis.call('SMEMBERS', key('pieces', id))) do close_piece(piece) end
redis.call('DEL', key('pages', id), key('pieces', id))
redis.call('EXPIRE', job, keep)
redis.call('SET', key('gone', id), 'task_expired ' .. owner, 'EX', keep + tomb)
redis.call('ZADD', prefix .. 'ended', now, id)
redis.call('ZREM', prefix .. 'active', id)
redis.call('ZREM', prefix .. 'waiting', id)
disown(owner)
forget_list(owner, keep)
redis.call('LPUSH', prefix .. 'pace', now)
redis.call('LTRIM', prefix .. 'pace', 0, 19)
redis.call('EXPIRE', prefix .. 'pace', keep)
redis.call('INCR', prefix .. 'count:' .. status)
tell(id, 'done')
return 1
