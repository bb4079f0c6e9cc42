-- What wrk sends, told after `--`, and its result as one line of JSON.
--
--   get PATH           one path
--   pages PATH COUNT   the path with each number from 1 to COUNT in place of {}, at random
--   create PATH        deployments

function init(args)
    local kind, path, count = args[1], args[2], tonumber(args[3])
    wrk.path = path
    if kind == "create" then
        wrk.method = "POST"
        wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
        wrk.body = "environment=production&sha=a91957a858320c0e17f3a0eca7cfacbff50ea29a&ref=main&tag=false&status=running"
    elseif kind == "pages" then
        math.randomseed(1)
        local requests = {}
        for number = 1, count do
            requests[number] = wrk.format("GET", (path:gsub("{}", tostring(number))))
        end
        request = function()
            return requests[math.random(count)]
        end
    end
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
