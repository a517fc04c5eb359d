-- running -> running: keeps pages, each once, however often it is read. ARGV: task id, the piece that finishes the
-- document, then for each page its number, its JSON, and how many bytes that is before it is packed. Opens the piece with
-- the last page. Answers {pages done, pages in all, bytes of all pages}, or {-1, -1, 0} when the task is over.
local id, finish = ARGV[1], ARGV[2]
local job = key('job', id)
if not is_open(id) then return {-1, -1, 0} end
local new, bytes = 0, 0
for i = 3, #ARGV, 3 do
  if redis.call('HSETNX', key('pages', id), ARGV[i], ARGV[i + 1]) == 1 then
    new, bytes = new + 1, bytes + tonumber(ARGV[i + 2])
    tell(id, 'page:' .. ARGV[i])
  end
end
bytes = redis.call('HINCRBY', job, 'pages_bytes', bytes)
local total = tonumber(redis.call('HGET', job, 'pages_total'))
if new == 0 then return {tonumber(redis.call('HGET', job, 'pages_done')), total, bytes} end
local done = redis.call('HINCRBY', job, 'pages_done', new)
if done == total then open_piece(finish) end
return {done, total, bytes}
