#!lua
-- Take a shard over: a new token fences whoever held it. Answers everything the new owner must know.
-- KEYS: own, off, shard, outbox, timers, vocab, stats, feed, sketches.   ARGV: token, schema, partitions.
local kinds = {'hash', 'hash', 'string', 'string', 'zset', 'hash', 'hash', 'stream', 'hash'}
for i, want in ipairs(kinds) do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= want and not (i == 9 and kind == 'string') then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. want)
  end
end

-- A right that is missing would stop APPLY halfway, and Redis does not roll back: ask before the shard is ours.
local needs = {
  {'HMGET', 1}, {'HSET', 1, 'f', 'v'}, {'DEL', 1}, {'HSET', 2, 'f', 'v'}, {'SET', 3, 'v'}, {'SET', 4, 'v'},
  {'ZADD', 5, '1', 'u'}, {'ZREM', 5, 'u'}, {'ZRANGE', 5, '0', '0'}, {'HSET', 6, 'f', 'v'}, {'HSET', 7, 'f', 'v'},
  {'HDEL', 7, 'f'}, {'XADD', 8, '1-0', 'v', 'm'}, {'XTRIM', 8, 'MAXLEN', '1'}, {'XINFO', 'STREAM', 8},
  {'HSET', 9, 'f', 'v'}, {'MSET', 3, 'v'},
}
for _, need in ipairs(needs) do
  for i = 2, #need do
    if type(need[i]) == 'number' then need[i] = KEYS[need[i]] end
  end
  if not redis.acl_check_cmd(unpack(need)) then
    return redis.error_reply('NOPERM this user may not run ' .. need[1] .. ' on the keys of this namespace')
  end
end

local have = redis.call('HMGET', KEYS[1], 'schema', 'partitions', 'seq')
if have[1] and tonumber(have[1]) > tonumber(ARGV[2]) then return {'SCHEMA', have[1]} end
if have[2] and have[2] ~= ARGV[3] then return {'PARTITIONS', have[2]} end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'schema', ARGV[2], 'partitions', ARGV[3])
if redis.call('TYPE', KEYS[9]).ok == 'string' then -- written when there was one kind of table
  local sketch = redis.call('GET', KEYS[9])
  redis.call('DEL', KEYS[9])
  redis.call('HSET', KEYS[9], 'cuts', sketch)
end
return {
  'OK', have[3] or '0', redis.call('HGETALL', KEYS[2]), redis.call('GET', KEYS[3]) or '',
  redis.call('HGETALL', KEYS[7]), redis.call('HGETALL', KEYS[6]), redis.call('GET', KEYS[4]) or '',
  redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2] or '', redis.call('HGETALL', KEYS[9]),
}
