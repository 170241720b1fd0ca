-- Fills the bucket of a provisioned deployment, with one amount after another: the arithmetic of
-- provisioned.py.
--
-- KEYS  1 the bucket, a hash of `level` and `at`
-- ARGV  1 input tokens the deployment works off a minute, 2 now in microseconds ('': the server's clock),
--       3 and on, in turn: tokens to add (negative in a correction); 1: refuse above 100 %, 0: a correction
-- Reply of each, one after another: 1 the level, 2 the level of a full bucket, 3 microseconds to wait
local MINUTE = 60000000

local now
if ARGV[2] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
else
  now = tonumber(ARGV[2])
end

local rate = tonumber(ARGV[1])
local held = redis.call('HMGET', KEYS[1], 'level', 'at')
local filled = tonumber(held[2] or now)
-- The server's clock was set back by more than the minute: the bucket would not drain until then.
local changed = filled > now + MINUTE
if changed then filled = now end
local at = math.max(now, filled)
local level = math.max(0, tonumber(held[1] or 0) - (at - filled) * rate)
local full = rate * MINUTE

local reply = {}
for index = 3, #ARGV, 2 do
  local wait = 0
  if ARGV[index + 1] == '1' and level > full then
    wait = math.ceil((level - full) / rate)
  else
    level = math.max(0, level + tonumber(ARGV[index]) * MINUTE)
    changed = true
  end
  -- As text: a reply's numbers are whole and 64 bits wide, which a burst may exceed.
  reply[#reply + 1] = string.format('%.0f', level)
  reply[#reply + 1] = string.format('%.0f', full)
  reply[#reply + 1] = wait
end
if changed then
  redis.call('HSET', KEYS[1], 'level', string.format('%.0f', level), 'at', string.format('%.0f', at))
  redis.call('PEXPIRE', KEYS[1], math.ceil(level / rate / 1000) + 1000)
end
return reply
