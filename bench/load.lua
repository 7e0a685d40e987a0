-- wrk -s bench/load.lua URL -- BODIES TAG [Header: value]...
-- Posts the lines of the file BODIES in turn (GETs when it is "-"). With a TAG other than "-" each "@" in a line
-- becomes a text that no other request has. Prints one line of JSON.
local bodies, ready, tag, sent = {}, {}, nil, 0

function init(args)
  for number = 3, #args do
    local name, value = args[number]:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
  if args[2] ~= "-" then tag = args[2] end
  if args[1] == "-" then
    ready[1] = wrk.format("GET")
    return
  end
  for line in io.lines(args[1]) do
    bodies[#bodies + 1] = line
    ready[#ready + 1] = wrk.format("POST", nil, nil, line)
  end
end

function request()
  sent = sent + 1
  if tag then
    local body = bodies[sent % #bodies + 1]:gsub("@", tag .. sent)
    return wrk.format("POST", nil, nil, body)
  end
  return ready[sent % #ready + 1]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
