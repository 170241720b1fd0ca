-- Admits one request to a standard deployment: all of its windows are charged, or none.
-- The arithmetic of window.py over Redis lists, one per window, at most 601 entries each.
--
-- KEYS  1 requests of the minute, 2 tokens of the minute, 3 requests of the slice
-- ARGV  1 tokens (-1: read the windows, charge nothing), 2 requests a minute, 3 tokens a minute, 4 requests a slice (-1: no limit),
--       5 the minute and 6 the slice in microseconds, 7 now in microseconds ('': the server's clock)
-- Reply 1 requests in the minute, 2 tokens in the minute, 3 microseconds to wait,
--       4 the limit that makes it wait (0 requests, 1 tokens)
--
-- An entry is "first last amount running": its first and last arrival, its amount, and the sum of
-- all amounts up to and with it. So what a window holds is the difference of its two ends, and the
-- entry that has to leave before a request fits is found by halving.
local GRAINS, NEVER = 600, 86400000000

local now
if ARGV[7] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
else
  now = tonumber(ARGV[7])
end

local function entry(key, index)
  local text = redis.call('LINDEX', key, index)
  if not text then return nil end
  local first, last, amount, running = string.match(text, '(%d+) (%d+) (%d+) (%d+)')
  return {
    first = tonumber(first), last = tonumber(last),
    amount = tonumber(amount), running = tonumber(running),
  }
end

-- The window, rid of what is older than its span; `before` is the running sum of what has left.
local function window(key, span)
  local head = entry(key, 0)
  while head and head.last <= now - span do
    redis.call('LPOP', key)
    head = entry(key, 0)
  end
  if not head then return {key = key, span = span, before = 0, used = 0} end
  local tail, before = entry(key, -1), head.running - head.amount
  return {key = key, span = span, before = before, used = tail.running - before, tail = tail}
end

local function wait(held, amount, limit)
  if limit < 0 then return 0 end
  local excess = held.used + amount - limit
  if excess <= 0 then return 0 end
  if amount > limit then return NEVER end
  local low, high = 0, redis.call('LLEN', held.key) - 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if entry(held.key, middle).running - held.before >= excess then
      high = middle
    else
      low = middle + 1
    end
  end
  return entry(held.key, low).last + held.span - now
end

local function add(held, amount)
  local tail = held.tail
  -- The server's clock may be set back; entries stay in order all the same.
  local at = tail and math.max(now, tail.last) or now
  local running = held.before + held.used + amount
  if tail and at - tail.first < held.span / GRAINS then
    local text = string.format('%.0f %.0f %.0f %.0f', tail.first, at, tail.amount + amount, running)
    redis.call('LSET', held.key, -1, text)
  else
    redis.call('RPUSH', held.key, string.format('%.0f %.0f %.0f %.0f', at, at, amount, running))
    redis.call('PEXPIRE', held.key, math.ceil(held.span / 1000) + 1000)
  end
end

local requests = window(KEYS[1], tonumber(ARGV[5]))
local tokens = window(KEYS[2], tonumber(ARGV[5]))
local slice = window(KEYS[3], tonumber(ARGV[6]))
local cost = tonumber(ARGV[1])
if cost < 0 then return {requests.used, tokens.used, 0, 1} end
local for_requests = math.max(wait(requests, 1, tonumber(ARGV[2])), wait(slice, 1, tonumber(ARGV[4])))
local for_tokens = wait(tokens, cost, tonumber(ARGV[3]))

if for_requests > 0 or for_tokens > 0 then
  local cause = for_requests > for_tokens and 0 or 1
  return {requests.used, tokens.used, math.max(for_requests, for_tokens), cause}
end
add(requests, 1)
add(tokens, cost)
add(slice, 1)
return {requests.used + 1, tokens.used + cost, 0, 1}
