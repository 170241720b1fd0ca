-- Admits requests to a standard deployment, one after another: all windows are charged for each, or none.
-- The arithmetic of window.py over Redis lists, one per window, at most 601 entries each.
--
-- KEYS  1 requests of the minute, 2 tokens of the minute, 3 requests of the slice
-- ARGV  1 requests a minute, 2 tokens a minute, 3 requests a slice (-1: no limit), 4 the minute and 5 the slice
--       in microseconds, 6 now in microseconds ('': the server's clock), 7 and on: the tokens of each
--       request (-1: read the windows, charge nothing)
-- Reply of each request, one after another: 1 requests in the minute, 2 tokens in the minute, 3 microseconds
--       to wait, 4 the limit that makes it wait (0 requests, 1 tokens)
--
-- An entry is "first last amount running": its first and last arrival, its amount, and the sum of
-- all amounts up to and with it. So what a window holds is the difference of its two ends, and the
-- entry that has to leave before a request fits is found by halving.
local GRAINS, NEVER = 600, 86400000000

local now
if ARGV[6] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
else
  now = tonumber(ARGV[6])
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
  -- The server's clock was set back by more than the span: what is from then on would never be old.
  if tail.last > now + span then
    redis.call('DEL', key)
    return {key = key, span = span, before = 0, used = 0}
  end
  return {key = key, span = span, before = before, used = tail.running - before, tail = tail}
end

-- The last entry of a window is written once for all requests.
local function write(held)
  local tail = held.tail
  if not held.unwritten then return end
  local text = string.format('%.0f %.0f %.0f %.0f', tail.first, tail.last, tail.amount, tail.running)
  if held.unwritten == 'new' then
    redis.call('RPUSH', held.key, text)
    redis.call('PEXPIRE', held.key, math.ceil(held.span / 1000) + 1000)
  else
    redis.call('LSET', held.key, -1, text)
  end
  held.unwritten = nil
end

local function wait(held, amount, limit)
  if limit < 0 then return 0 end
  local excess = held.used + amount - limit
  if excess <= 0 then return 0 end
  if amount > limit then return NEVER end
  write(held)
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
  held.used = held.used + amount
  local running = held.before + held.used
  if tail and at - tail.first < held.span / GRAINS then
    tail.last, tail.amount, tail.running = at, tail.amount + amount, running
    held.unwritten = held.unwritten or 'more'
  else
    write(held)
    held.tail = {first = at, last = at, amount = amount, running = running}
    held.unwritten = 'new'
  end
end

local requests = window(KEYS[1], tonumber(ARGV[4]))
local tokens = window(KEYS[2], tonumber(ARGV[4]))
local slice = window(KEYS[3], tonumber(ARGV[5]))
local per_minute, tokens_per_minute = tonumber(ARGV[1]), tonumber(ARGV[2])
local per_slice = tonumber(ARGV[3])

-- The microseconds to wait, and the limit that makes it wait.
local function charged(cost)
  if cost < 0 then return 0, 1 end
  local for_requests = math.max(wait(requests, 1, per_minute), wait(slice, 1, per_slice))
  local for_tokens = wait(tokens, cost, tokens_per_minute)
  if for_requests > 0 or for_tokens > 0 then
    return math.max(for_requests, for_tokens), for_requests > for_tokens and 0 or 1
  end
  add(requests, 1)
  add(tokens, cost)
  add(slice, 1)
  return 0, 1
end

local reply = {}
for index = 7, #ARGV do
  local microseconds, cause = charged(tonumber(ARGV[index]))
  for _, number in ipairs({requests.used, tokens.used, microseconds, cause}) do
    reply[#reply + 1] = number
  end
end
write(requests)
write(tokens)
write(slice)
return reply
