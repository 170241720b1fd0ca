-- Which of the rules that match a request act, and their counts: the arithmetic of counts.py.
--
-- KEYS  1 the hash of all counts: `KEY:m` matched, `KEY:a` acted
-- ARGV  1 the candidates as JSON, [key, skip, times (-1: no end), probability (-1: always), seed,
--         draw, additive (0, 1)] each; 2 seconds after which the counts are forgotten if nothing acts
-- Reply for each one that acts, its index from 0 and how often it acted before
local reply, decided = {}, false
for index, candidate in ipairs(cjson.decode(ARGV[1])) do
  local key, skip, times, probability = candidate[1], candidate[2], candidate[3], candidate[4]
  local seed, draw, additive = candidate[5], candidate[6], candidate[7] == 1
  if additive or not decided then
    local matched = redis.call('HINCRBY', KEYS[1], key .. ':m', 1) - 1
    local acted = tonumber(redis.call('HGET', KEYS[1], key .. ':a') or '0')
    local acts = matched >= skip and (times < 0 or acted < times)
    if acts and probability >= 0 then
      if seed ~= '' then
        local digest = redis.sha1hex(seed .. ':' .. string.format('%.0f', matched))
        draw = tonumber(string.sub(digest, 1, 8), 16) / 4294967296
      end
      acts = draw < probability
    end
    if acts then
      redis.call('HINCRBY', KEYS[1], key .. ':a', 1)
      table.insert(reply, index - 1)
      table.insert(reply, acted)
      decided = decided or not additive
    end
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return reply
