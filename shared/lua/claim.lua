-- queued or running -> running, with a lease. ARGV: piece, owner token, lease in ms, most attempts.
-- Answers {'claimed', attempt, ms since the task began, the record}, {'gone'} (closed or finished), {'busy'} (leased by
-- another) or {'exhausted', attempts, the last attempt's error or ''}.
local piece, token, lease, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local id = task_of(piece)
if not redis.call('ZSCORE', prefix .. 'open', piece) or not is_open(id) then
  close_piece(piece)
  return {'gone'}
end
local job = key('job', id)
local function claimed(attempt)
  return {'claimed', attempt, now - tonumber(redis.call('HGET', job, 'started')), redis.call('HGETALL', job)}
end
local held = redis.call('HMGET', key('lease', piece), 'until', 'attempts', 'error', 'token')
if held[1] and tonumber(held[1]) > now then
  if held[4] ~= token then return {'busy'} end
  -- The same request again: its first answer was lost on the way.
  return claimed(tonumber(held[2]))
end
local attempts = tonumber(held[2] or 0)
if attempts >= most then
  redis.call('HDEL', key('lease', piece), 'token')
  return {'exhausted', attempts, held[3] or ''}
end
redis.call('HSET', key('lease', piece), 'token', token, 'until', now + lease, 'attempts', attempts + 1)
redis.call('HDEL', key('lease', piece), 'error')
redis.call('HDEL', prefix .. 'misses', piece)
if redis.call('HGET', job, 'status') == 'queued' then
  redis.call('HSET', job, 'status', 'running', 'started', now)
  redis.call('ZREM', prefix .. 'waiting', id)
  tell(id, 'status')
end
if attempts + 1 > tonumber(redis.call('HGET', job, 'attempts')) then redis.call('HSET', job, 'attempts', attempts + 1) end
redis.call('SET', prefix .. 'consumed', now)
return claimed(attempts + 1)
