-- running -> running: notes how many pages there are and opens a piece per slice, once.
-- ARGV: task id, pages in all, then the slices' pieces. Answers 1 when this call did it, else 0.
local id = ARGV[1]
local job = key('job', id)
if not is_open(id) or redis.call('HSETNX', job, 'pages_total', ARGV[2]) == 0 then return 0 end
for i = 3, #ARGV do open_piece(ARGV[i]) end
tell(id, 'progress')
return 1
