-- Prepended to every script. KEYS[1] is the prefix of all keys; a piece is "<task_id>" or "<task_id>/<slice>".
local prefix = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function key(kind, id) return prefix .. kind .. ':' .. id end
local function task_of(piece) return string.match(piece, '^[^/]*') end
local function is_open(id)
  local status = redis.call('HGET', key('job', id), 'status')
  return status == 'queued' or status == 'running'
end
-- A result is kept once for all tasks that were answered from it, under the id of the one that it was read for.
local function origin_of(id) return redis.call('HGET', key('job', id), 'origin') or id end
local function tell(id, event) redis.call('PUBLISH', key('events', id), event) end
local function open_piece(piece)
  redis.call('ZADD', prefix .. 'open', 'NX', now, piece)
  redis.call('SADD', key('pieces', task_of(piece)), piece)
end
local function close_piece(piece)
  redis.call('ZREM', prefix .. 'open', piece)
  redis.call('HDEL', prefix .. 'misses', piece)
  redis.call('SREM', key('pieces', task_of(piece)), piece)
  redis.call('DEL', key('lease', piece))
end
local function disown(owner)
  if redis.call('HINCRBY', prefix .. 'owned', owner, -1) <= 0 then redis.call('HDEL', prefix .. 'owned', owner) end
end
-- The list of an owner's tasks sheds the expired ones as it grows, and expires as a whole once nothing is added.
local function list_task(owner, id)
  local list = key('tasks', owner)
  for _, old in ipairs(redis.call('ZRANGE', list, 0, 3)) do
    if redis.call('EXISTS', key('job', old)) == 0 then redis.call('ZREM', list, old) end
  end
  redis.call('ZADD', list, now, id)
  redis.call('PERSIST', list)
end
local function forget_list(owner, seconds)
  if redis.call('HEXISTS', prefix .. 'owned', owner) == 0 then redis.call('EXPIRE', key('tasks', owner), seconds) end
end
