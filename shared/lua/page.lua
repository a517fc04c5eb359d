-- running -> running: keeps one page, once, however often it is read. ARGV: task id, page number, page JSON,
-- the piece that finishes the document. Opens that piece with the last page.
-- Answers {pages done, pages in all}, or {-1, -1} when the task is over.
local id, number, page, finish = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local job = key('job', id)
if not is_open(id) then return {-1, -1} end
local total = tonumber(redis.call('HGET', job, 'pages_total'))
if redis.call('HSETNX', key('pages', id), number, page) == 0 then
  return {tonumber(redis.call('HGET', job, 'pages_done')), total}
end
local done = redis.call('HINCRBY', job, 'pages_done', 1)
if done == total then open_piece(finish) end
tell(id, 'page:' .. number)
return {done, total}
