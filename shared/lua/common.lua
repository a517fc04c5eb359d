-- Prepended to every script. KEYS[1] is the prefix of all keys; a piece is "<task_id>" or "<task_id>/<slice>".
local prefix = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function key(kind, id) return prefix .. kind .. ':' .. id end
local function task_of(piece) return string.match(piece, '^[^/]+') end
local function is_open(id)
  local status = redis.call('HGET', key('job', id), 'status')
  return status == 'queued' or status == 'running'
end
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
