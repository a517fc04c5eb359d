-- (nothing) -> refused: an upload whose submission got no answer is erased, and a submission that comes late would be of
-- nothing. A task that has a record stays as it is. ARGV: task id, seconds to keep that in mind.
local id, seconds = ARGV[1], ARGV[2]
if redis.call('EXISTS', key('job', id)) == 1 then return 0 end
redis.call('SET', key('refused', id), 1, 'EX', seconds)
return 1
