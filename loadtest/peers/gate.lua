#!lua name=gate
-- The same questions as the other stand-ins, in one function call: known account, known phone, hours,
-- seven calls in seven days; the attempt counted, one row chained. The only hash a function has here
-- is SHA-1. Durable by appendfsync always: one flush for all calls of a turn of the event loop.
local DAY = 86400
local SHIFT = @SHIFT@

redis.register_function('gate', function(_, args)
  local account, asked = args[1], args[2]
  local phone = string.gsub(asked, '%D', '')
  local now = tonumber(redis.call('TIME')[1]) + SHIFT
  local known = redis.call('HMGET', 'account:' .. account, 'one', 'two', 'utc_offset')
  local blocked = nil
  if not known[1] or (known[1] ~= phone and known[2] ~= phone) then
    blocked = 'ACCOUNT'
  else
    local hour = (now + tonumber(known[3])) % DAY
    local calls = redis.call('ZCOUNT', 'attempts:' .. account, '(' .. (now - 7 * DAY), '+inf')
    if calls >= 7 or hour < 8 * 3600 or hour >= 21 * 3600 then
      blocked = 'TIMING'
    end
  end
  local seq = redis.call('INCR', 'seq')
  if not blocked then
    redis.call('ZADD', 'attempts:' .. account, now, seq)
  end
  local answer = string.format(
    '{"allow":%s,"decision":"%s","reason":"%s","blocked_by":[%s],"audit_id":%d,"evaluation_id":%d,' ..
    '"account_id":"%s","tenant_id":"load","channel":"phone","next_allowed_at":null,"expires_at":%d,' ..
    '"source_system":"loadtest"}',
    blocked and 'false' or 'true', blocked and 'BLOCK' or 'ALLOW',
    blocked and ('Blocked by: ' .. blocked) or 'Allowed', blocked and ('"' .. blocked .. '"') or '',
    seq, seq, account, now + DAY)
  local head = redis.call('GET', 'head') or ''
  redis.call('SET', 'head', redis.sha1hex(head .. answer))
  redis.call('RPUSH', 'ledger', answer)
  return answer
end)
