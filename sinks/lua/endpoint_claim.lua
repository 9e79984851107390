#!lua
-- Take a partition of an endpoint over: a new token fences whoever held it.
-- KEYS: own, off, kept.   ARGV: topic:partition, token, the offset to begin with where there is none.
for i = 1, 3 do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= 'hash' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a hash')
  end
end
local offset, read = ARGV[3], ARGV[3]
local have = redis.call('HGET', KEYS[2], ARGV[1])
if have then offset, read = string.match(have, '^(%d+) (%d+)') end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], offset .. ' ' .. read .. ' 0')
return {offset, read, redis.call('HGETALL', KEYS[3])}
