-- What wrk sends to a service that has too much to do, and what each answer was.
--
--   wrk … -s benches/overload.lua URL -- FILE PAUSE
--
-- Each request is FILE with another number in it, in mode `run`, from a client of its own: the service trusts what stands in
-- X-Forwarded-For. PAUSE is the mean number of milliseconds before each request, evenly between none and twice as many.
-- Prints a line for each answer:
--
--   accepted STATUS POSITION WAITED_MS MS
--   refused CODE PROPER
--   wrong CODE
--
-- POSITION is the one in the queue that was told, 0 for none. MS is from the request's acceptance to its exit event, and WAITED_MS
-- the part before its turn, both as the events tell. PROPER is 1 if Retry-After and a problem document say why. A last line
-- `total REQUESTS MICROSECONDS ERRORS` counts errors of connections.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("id", #threads)
end

local quoted = require("benches.quoted")

function init(args)
  local source = assert(io.open(args[1])):read("*a")
  local pause = tonumber(args[2])
  -- Beyond what another wrk has reached, and within 53 bits.
  local number = os.time() * 1000000 + id * 100000
  math.randomseed(number)
  said = {}

  function request()
    number = number + 1
    local fresh = source:gsub("func main%(%) {\n", string.format("%%0\tprintln(%.0f)\n", number), 1)
    local client = string.format("10.%d.%d.%d", number / 65536 % 256, number / 256 % 256, number % 256)
    local headers = {
      ["Content-Type"] = "application/json",
      ["Accept"] = "application/json",
      ["X-Forwarded-For"] = client,
    }
    return wrk.format("POST", "/api/v1/runs", headers, '{"source":' .. quoted(fresh) .. ',"mode":"run"}')
  end

  function response(status, headers, answer)
    local line
    if status == 200 then
      local ms, ending = answer:match('"t_ms":(%d+),"type":"exit","status":"([a-z_]+)"')
      local waited = answer:match('"t_ms":(%d+),"type":"started"') or "0"
      local position = answer:match('"type":"queued","position":(%d+)') or "0"
      line = ms and string.format("accepted %s %s %s %s", ending, position, waited, ms) or "wrong 200"
    elseif status == 503 or status == 429 then
      local after, kind
      for name, value in pairs(headers) do
        if name:lower() == "retry-after" then after = tonumber(value) end
        if name:lower() == "content-type" then kind = value end
      end
      local proper = after and after > 0 and kind == "application/problem+json" and answer:find('"detail":"%w')
      line = string.format("refused %d %d", status, proper and 1 or 0)
    else
      line = string.format("wrong %d", status)
    end
    said[#said + 1] = line
  end

  if pause > 0 then
    function delay()
      return math.random(0, 2 * pause)
    end
  end
end

function done(summary)
  local errors = summary.errors
  for _, thread in ipairs(threads) do
    for _, line in ipairs(thread:get("said")) do
      print(line)
    end
  end
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format("total %d %d %d", summary.requests, summary.duration, broken))
end
