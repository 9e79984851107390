#!lua
-- Commit what became of messages of one partition for one endpoint, whole or not at all. A repeat changes nothing.
-- KEYS: own, off, unsent, counts, ended, kept.
-- ARGV: topic:partition, token, seq, offset, read, most unsent, most ended, then six lists, each after its length:
-- offset and message to keep, offsets to drop, ids unsent, ids sent after all, ended messages, counter and rise.
local kinds = {'hash', 'hash', 'zset', 'hash', 'list', 'hash'}
for i, want in ipairs(kinds) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end
local seq = tonumber(ARGV[3])
local last = tonumber(string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '', ' (%d+)$'))
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] or not last then return 'FENCED' end
if last == seq then return 'OK' end
if last ~= seq - 1 then return 'FENCED' end

local at = 8
local function each(width, act)
  local n = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, n do
    act(ARGV[at], ARGV[at + 1])
    at = at + width
  end
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. ARGV[3])
each(2, function(offset, message) redis.call('HSET', KEYS[6], offset, message) end)
each(1, function(offset) redis.call('HDEL', KEYS[6], offset) end)
local clock = redis.call('TIME')
local now = clock[1] .. string.sub(string.format('%06d', clock[2]), 1, 3)
each(1, function(id) redis.call('ZADD', KEYS[3], now, id) end)
each(1, function(id) redis.call('ZREM', KEYS[3], id) end)
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -tonumber(ARGV[6]) - 1)
each(1, function(message) redis.call('LPUSH', KEYS[5], message) end)
redis.call('LTRIM', KEYS[5], 0, tonumber(ARGV[7]) - 1)
each(2, function(counter, rise) redis.call('HINCRBY', KEYS[4], counter, rise) end)
return 'OK'
