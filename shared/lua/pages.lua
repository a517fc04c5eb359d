-- running -> running: keeps pages, each once, however often it is read. ARGV: task id, the piece that finishes the
-- document, then page numbers and their JSON. Opens that piece with the last page.
-- Answers {pages done, pages in all}, or {-1, -1} when the task is over.
local id, finish = ARGV[1], ARGV[2]
local job = key('job', id)
if not is_open(id) then return {-1, -1} end
local new = 0
for i = 3, #ARGV, 2 do
  if redis.call('HSETNX', key('pages', id), ARGV[i], ARGV[i + 1]) == 1 then
    new = new + 1
    tell(id, 'page:' .. ARGV[i])
  end
end
local total = tonumber(redis.call('HGET', job, 'pages_total'))
if new == 0 then return {tonumber(redis.call('HGET', job, 'pages_done')), total} end
local done = redis.call('HINCRBY', job, 'pages_done', new)
if done == total then open_piece(finish) end
return {done, total}
