"""What happens in Redis in one step: each script runs whole, and no other process can come between.

Times are Redis' own, in milliseconds, so that the clocks of the machines don't matter. Who comes late, because it was
stopped and its lease ran out, changes nothing that has become another's.
"""

from __future__ import annotations

_TIME = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function beat(workers, worker, lease, delay)
  redis.call('HSET', workers, worker, string.format('%.0f %.0f', now + lease, delay))
  redis.call('PEXPIRE', workers, 86400000)
end
local function state_of(said)
  local until_, delay = string.match(said, '^(%d+) (%d+)$')
  return tonumber(until_) > now, tonumber(delay)
end
local function is_alive(workers, worker)
  local said = redis.call('HGET', workers, worker)
  return said and state_of(said)
end
"""

JOIN = f"""{_TIME}
local workers, crawl, queue, seen, claims, order = unpack(KEYS)
local task, worker, lease, new_id, max_age, fresh = unpack(ARGV)
local others, all = 0, redis.call('HGETALL', workers)
for at = 1, #all, 2 do
  if not state_of(all[at + 1]) then redis.call('HDEL', workers, all[at])
  elseif string.sub(all[at], 1, #task) == task then others = others + 1 end
end
local id = redis.call('HGET', crawl, 'id')
if fresh == '1' and others > 0 then return {{'busy', others}} end
if id and others == 0 then
  local age = now - tonumber(redis.call('HGET', crawl, 'started_at'))
  if fresh == '1' or age >= tonumber(max_age) then id = nil end
end
if not id then
  redis.call('DEL', crawl, queue, seen, claims, order)
  id = new_id
  redis.call('HSET', crawl, 'id', id, 'started_at', string.format('%.0f', now))
end
beat(workers, worker, tonumber(lease), 0)
return {{id, others}}
"""
"""Join the crawl that is not finished, or begin one. Its id and the number of others at work."""

BEAT = f"""{_TIME}
beat(KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]))
for at = 2, #KEYS do redis.call('PEXPIRE', KEYS[at], ARGV[4]) end
return 1
"""
"""Say that the worker is alive, and keep what the crawl has stored from running out."""

ADD = """
local crawl, queue, seen, claims, order = unpack(KEYS)
local id, worker, settled = unpack(ARGV)
if redis.call('HGET', crawl, 'id') ~= id then return -1 end
for at = 4, #ARGV, 2 do
  if redis.call('SADD', seen, ARGV[at + 1]) == 1 then
    redis.call('ZADD', queue, ARGV[at] * 1e12 + redis.call('INCR', order), ARGV[at + 1])
  end
end
if settled ~= '' and redis.call('HGET', claims, settled) == worker then redis.call('HDEL', claims, settled) end
return redis.call('ZCARD', queue)
"""
"""Queue the urls (each after its rank) that were not found before, and settle a claim in the same step."""

NEXT = f"""{_TIME}
local crawl, queue, claims, workers = unpack(KEYS)
local id, worker, lease, delay = unpack(ARGV)
if redis.call('HGET', crawl, 'id') ~= id then return {{'over'}} end
beat(workers, worker, tonumber(lease), tonumber(delay))
local mine = {{}}
for at = 5, #ARGV do mine[ARGV[at]] = true end
local url, claimed = nil, redis.call('HGETALL', claims)
for at = 1, #claimed, 2 do
  local holder = claimed[at + 1]
  if holder == worker then
    if not mine[claimed[at]] then url = claimed[at] end
  elseif not is_alive(workers, holder) then url = claimed[at] end
  if url then break end
end
if not url then url = redis.call('ZPOPMIN', queue)[1] end
if not url then return {{'none', redis.call('ZCARD', queue), redis.call('HLEN', claims)}} end
redis.call('HSET', claims, url, worker)
return {{'url', redis.call('ZCARD', queue), redis.call('HLEN', claims), url}}
"""
"""Claim the next url: first those of workers that are no longer alive, or whose handing out did not reach us."""

HAND_OVER = """
local crawl, seen, claims = unpack(KEYS)
local id, worker, from, to = unpack(ARGV)
if redis.call('HGET', crawl, 'id') ~= id then return -1 end
local is_new = redis.call('SADD', seen, to)
if redis.call('HGET', claims, from) == worker then redis.call('HDEL', claims, from) end
if is_new == 1 then redis.call('HSET', claims, to, worker) end
return is_new
"""
"""A page led to another: the claim goes over to that one, unless it was found before."""

LOOK = """
local crawl, queue, claims = unpack(KEYS)
if redis.call('HGET', crawl, 'id') ~= ARGV[1] then return {-1, -1} end
return {redis.call('ZCARD', queue), redis.call('HLEN', claims)}
"""
"""How much is queued and claimed."""

LEAVE = """
local crawl, queue, seen, claims, order, finished, workers, turn = unpack(KEYS)
local id, worker, is_done, task = unpack(ARGV)
redis.call('HDEL', workers, worker)
if redis.call('HGET', turn, 'holder') == worker then redis.call('HDEL', turn, 'holder') end
if redis.call('HGET', crawl, 'id') ~= id then return 0 end
local claimed = redis.call('HGETALL', claims)
for at = 1, #claimed, 2 do
  if claimed[at + 1] == worker then
    redis.call('HDEL', claims, claimed[at])
    redis.call('ZADD', queue, 0, claimed[at])
  end
end
if is_done == '1' and redis.call('ZCARD', queue) == 0 and redis.call('HLEN', claims) == 0 then
  redis.call('DEL', crawl, queue, seen, claims, order)
  redis.call('SET', finished, id, 'EX', 86400)
  for _, each in ipairs(redis.call('HKEYS', workers)) do
    if string.sub(each, 1, #task) == task then redis.call('HDEL', workers, each) end
  end
  return 1
end
return 0
"""
"""Leave: what the worker had claimed is queued again. Where nothing is left to do, the crawl is finished."""

TAKE = f"""{_TIME}
local workers, turn, requests = unpack(KEYS)
local worker, lease, delay, archive, budget, look_again = unpack(ARGV)
beat(workers, worker, tonumber(lease), tonumber(delay))
local longest, all = tonumber(delay), redis.call('HGETALL', workers)
for at = 1, #all, 2 do
  local lives, theirs = state_of(all[at + 1])
  if lives then longest = math.max(longest, theirs) end
end
local wait = 0
local last_at = tonumber(redis.call('HGET', turn, 'last_at'))
if last_at then
  last_at = math.min(last_at, now)  -- the clock may have been put back
  wait = last_at + longest - now
end
local held = tonumber(redis.call('HGET', turn, 'held_until') or 0) - now
wait = math.max(wait, math.min(held, 7200000))
local holder = redis.call('HGET', turn, 'holder')
if holder and holder ~= worker and is_alive(workers, holder) then wait = math.max(wait, tonumber(look_again)) end
if wait > 0 then return {{'wait', string.format('%.0f', wait)}} end
if tonumber(budget) >= 0 then
  local spent = 0
  for _, count in ipairs(redis.call('HVALS', requests)) do spent = spent + count end
  if spent >= tonumber(budget) then return {{'spent'}} end
end
redis.call('HINCRBY', requests, archive, 1)
redis.call('PEXPIRE', requests, 172800000)
redis.call('HSET', turn, 'holder', worker, 'last_at', string.format('%.0f', now))
redis.call('PEXPIRE', turn, 86400000)
return {{'go', string.format('%.0f', last_at and now - last_at or -1)}}
"""
"""Take the turn to send a request, if no other is on its way and the longest delay of all workers is over."""

RELEASE = f"""{_TIME}
local turn = KEYS[1]
local worker, sent_ago, pause = unpack(ARGV)
if redis.call('HGET', turn, 'holder') ~= worker then return 0 end
redis.call('HDEL', turn, 'holder')
local last_at = tonumber(redis.call('HGET', turn, 'last_at') or 0)
redis.call('HSET', turn, 'last_at', string.format('%.0f', math.max(last_at, now - sent_ago)))
local held = tonumber(redis.call('HGET', turn, 'held_until') or 0)
redis.call('HSET', turn, 'held_until', string.format('%.0f', math.max(held, now + pause)))
return 1
"""
"""The request was answered, or came to nothing: others may take the turn, after a pause where there is need of one."""

HOLD = f"""{_TIME}
local held = tonumber(redis.call('HGET', KEYS[1], 'held_until') or 0)
redis.call('HSET', KEYS[1], 'held_until', string.format('%.0f', math.max(held, now + ARGV[1])))
redis.call('PEXPIRE', KEYS[1], 86400000)
return 1
"""
"""Let no request of any worker go for so long."""
