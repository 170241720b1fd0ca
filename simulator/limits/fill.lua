-- Fills the bucket of a provisioned deployment: the arithmetic of provisioned.py.
--
-- KEYS  1 the bucket, a hash of `level` and `at`
-- ARGV  1 tokens to add (negative in a correction), 2 input tokens the deployment works off a minute,
--       3 1: refuse above 100 %, 0: a correction, 4 now in microseconds ('': the server's clock)
-- Reply 1 the level, 2 the level of a full bucket, 3 microseconds to wait
local MINUTE = 60000000

local now
if ARGV[4] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
else
  now = tonumber(ARGV[4])
end

local tokens, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = redis.call('HMGET', KEYS[1], 'level', 'at')
local at = math.max(now, tonumber(held[2] or now))
local level = math.max(0, tonumber(held[1] or 0) - (at - tonumber(held[2] or at)) * rate)
local full = rate * MINUTE

if ARGV[3] == '1' and level > full then
  -- As text: a reply's numbers are whole and 64 bits wide, which a burst may exceed.
  return {string.format('%.0f', level), string.format('%.0f', full), math.ceil((level - full) / rate)}
end
level = math.max(0, level + tokens * MINUTE)
redis.call('HSET', KEYS[1], 'level', string.format('%.0f', level), 'at', string.format('%.0f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil(level / rate / 1000) + 1000)
return {string.format('%.0f', level), string.format('%.0f', full), 0}
