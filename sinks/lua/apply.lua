#!lua
-- Commit one batch, whole or not at all. Redis does not roll a script back: every check comes before the first write,
-- and without the `allow-oom` flag a server short of memory refuses the script before it starts.
-- KEYS: own, off, shard, outbox, timers, vocab, stats, feed, sketches; values to set (profiles, frozen
--       sketches); keys to delete; public hashes to set.
-- ARGV: token, seq, digest, shard, outbox, how many [values, deletions, public hashes], how many values of
--       [offsets, timers, timers removed, vocab, stats, stats removed, sketches, feed], feed's first index, feed's bound;
--       then the values; for each public hash the number of its values and they; then the sections in the order above.
local function due() return redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2] or '' end

local kinds = {'hash', 'hash', 'string', 'string', 'zset', 'hash', 'hash', 'stream', 'hash'}
for i, want in ipairs(kinds) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

local seq = tonumber(ARGV[2])
local have = redis.call('HMGET', KEYS[1], 'token', 'seq', 'digest')
if not have[1] then return {'EMPTY', ''} end
if have[1] ~= ARGV[1] then return {'FENCED', ''} end
local last = tonumber(have[2] or '0')
if last == seq and have[3] == ARGV[3] then return {'OK', due()} end
if last ~= seq - 1 then return {'LOST', ''} end

local counts = {}
for i = 6, 18 do counts[i - 5] = tonumber(ARGV[i]) end
local profiles, deletions, publics, offsets, timers, removed, vocab, stats, gone, sketches, feed, first, bound
  = unpack(counts)
if feed > 0 and redis.call('EXISTS', KEYS[8]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[8])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' and tonumber(string.match(info[i + 1], '^%d+')) >= seq then
      return redis.error_reply('FEED ' .. KEYS[8] .. ' is at ' .. info[i + 1] .. ', ahead of batch ' .. ARGV[2])
    end
  end
end

local CHUNK = 1000 -- values to a call: Lua's unpack is bounded by its stack
local key, value = 10, 19
local function write(count, ...) -- one command over the next `count` values
  for from = value, value + count - 1, CHUNK do
    local args = {...}
    local n = #args
    for i = from, math.min(from + CHUNK, value + count) - 1 do n = n + 1; args[n] = ARGV[i] end
    redis.call(unpack(args, 1, n))
  end
  value = value + count
end

local pairs_ = {}
for from = 0, profiles - 1, CHUNK / 2 do
  local n = math.min(CHUNK / 2, profiles - from)
  for i = 0, n - 1 do
    pairs_[2 * i + 1], pairs_[2 * i + 2] = KEYS[key + from + i], ARGV[value + from + i]
  end
  redis.call('MSET', unpack(pairs_, 1, 2 * n))
end
key, value = key + profiles, value + profiles
for from = key, key + deletions - 1, CHUNK do
  redis.call('DEL', unpack(KEYS, from, math.min(from + CHUNK, key + deletions) - 1))
end
key = key + deletions
for i = key, key + publics - 1 do
  local fields = tonumber(ARGV[value])
  value = value + 1
  redis.call('DEL', KEYS[i])
  write(fields, 'HSET', KEYS[i])
end

write(offsets, 'HSET', KEYS[2])
write(timers, 'ZADD', KEYS[5])
write(removed, 'ZREM', KEYS[5])
write(vocab, 'HSET', KEYS[6])
write(stats, 'HSET', KEYS[7])
write(gone, 'HDEL', KEYS[7])
write(sketches, 'HSET', KEYS[9])
for i = 0, feed - 1 do redis.call('XADD', KEYS[8], ARGV[2] .. '-' .. (first + i), 'v', ARGV[value + i]) end
if feed > 0 then redis.call('XTRIM', KEYS[8], 'MAXLEN', '=', bound) end
redis.call('SET', KEYS[3], ARGV[4])
if ARGV[5] == '' then redis.call('DEL', KEYS[4]) else redis.call('SET', KEYS[4], ARGV[5]) end
redis.call('HSET', KEYS[1], 'seq', ARGV[2], 'digest', ARGV[3])
return {'OK', due()}
