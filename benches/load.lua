-- What wrk sends, and what it tells afterwards.
--
--   wrk … -s benches/load.lua URL -- MODE FILE WHAT PAUSE
--
-- WHAT: `source` sends FILE with another number in it each time, so that no cache knows it; `knob` sends the same source
-- with another GODEBUG each time; `same` sends the very same bytes. PAUSE is in milliseconds, before each request.
-- Prints a line `latency MICROSECONDS HOW_OFTEN` for each that was seen, and `total REQUESTS MICROSECONDS WRONG`.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local quoted = require("benches.quoted")

function init(args)
  local mode, file, what, pause = args[1], args[2], args[3], tonumber(args[4])
  local source = assert(io.open(file)):read("*a")
  -- Beyond what an earlier wrk has reached, and within 53 bits.
  local number = os.time() * 1000000
  wrong = 0
  wrk.method = "POST"
  wrk.path = "/api/v1/runs"
  wrk.headers["Content-Type"] = "application/json"

  local function body(source, env)
    return string.format('{"source":%s,"mode":"%s"%s}', quoted(source), mode, env or "")
  end
  wrk.body = body(source)

  if what ~= "same" then
    function request()
      number = number + 1
      local text = string.format("%.0f", number)
      if what == "knob" then
        -- A setting without effect on a program that does not panic.
        text = text:sub(-9):gsub("^0+", "1")
        return wrk.format(nil, nil, nil, body(source, ',"env":{"GODEBUG":"tracebackancestors=' .. text .. '"}'))
      end
      local fresh = source:gsub("func main%(%) {\n", "%0\tprintln(" .. text .. ")\n", 1)
      return wrk.format(nil, nil, nil, body(fresh))
    end
    function response(status, _, answer)
      if status ~= 200 or not answer:find('"status":"ok"', 1, true) then
        wrong = wrong + 1
      end
    end
  end

  if pause > 0 then
    function delay()
      return pause
    end
  end
end

function done(summary, latency)
  for i = 1, #latency do
    local value, count = latency(i)
    print(string.format("latency %d %d", value, count))
  end
  local errors = summary.errors
  local wrong = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
  end
  print(string.format("total %d %d %d", summary.requests, summary.duration, wrong))
end
