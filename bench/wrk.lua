-- What wrk sends, told after `--`, and its result as one line of JSON.
--
--   in-turn FILE     the addresses in the file, one after the other and again from the beginning
--   at-random FILE   any of them each time
--   create PATH FORM deployments
--   update FILE      new statuses of deployments: each line has an address and the status that its deployment has

local FORM = "application/x-www-form-urlencoded"

local function lines_of(file)
    local lines = {}
    for line in io.lines(file) do
        lines[#lines + 1] = line
    end
    return lines
end

local function addresses(file)
    local requests = {}
    for number, line in ipairs(lines_of(file)) do
        requests[number] = wrk.format("GET", line)
    end
    return requests
end

-- Each request has two forms; a deployment gets the one and the other by turns.
local function updates(file)
    wrk.headers["Content-Type"] = FORM
    local requests = {}
    for number, line in ipairs(lines_of(file)) do
        local path, status = line:match("(%S+) (%S+)")
        local failed = wrk.format("PUT", path, nil, "status=failed")
        local success = wrk.format("PUT", path, nil, "status=success")
        requests[number] = status == "success" and { failed, success } or { success, failed }
    end
    return requests
end

local kinds = {}

kinds["in-turn"] = function(file)
    local requests, number = addresses(file), 0
    request = function()
        number = number % #requests + 1
        return requests[number]
    end
end

kinds["at-random"] = function(file)
    math.randomseed(1)
    local requests = addresses(file)
    request = function()
        return requests[math.random(#requests)]
    end
end

kinds["create"] = function(path, form)
    wrk.path = path
    wrk.method = "POST"
    wrk.headers["Content-Type"] = FORM
    wrk.body = form
end

kinds["update"] = function(file)
    local requests, number, turn = updates(file), nil, 1
    request = function()
        if not number then
            -- wrk asks once to look at the answer, and does not send it.
            number = 0
            return requests[1][1]
        end
        number = number + 1
        if number > #requests then
            number, turn = 1, 3 - turn
        end
        return requests[number][turn]
    end
end

function init(args)
    kinds[args[1]](args[2], args[3])
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests":%d,"duration":%d,"errors":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99)
    ))
end
