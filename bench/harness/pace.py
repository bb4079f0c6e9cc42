"""Sends deployments at a steady rate, which wrk cannot, until it is told to end (SIGTERM).

    python3 -m harness.pace URL RATE create|deploy

`create` records running deployments; `deploy` also reports the success of each, as the next request. A request that has
to wait for a free connection counts from when it was due. Prints one line of JSON, as wrk's script does.
"""

import json
import re
import select
import signal
import socket
import sys
import time
from urllib.parse import urlsplit

from harness.load import CREATE, DEPLOYMENTS, FORM, TOKEN

CONNECTIONS = 8
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Connection:
    def __init__(self, place):
        self.socket = socket.create_connection(place)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"Host: {place[0]}\r\nPRIVATE-TOKEN: {TOKEN}\r\nContent-Type: {FORM}\r\n"
        self.received = b""
        self.due = None

    def send(self, method, path, body, due):
        text = f"{method} {path} HTTP/1.1\r\n{self.head}Content-Length: {len(body)}\r\n\r\n{body}"
        self.received, self.due = b"", due
        self.socket.sendall(text.encode())

    def receive(self):
        """Answers the status and the body once they have come."""
        part = self.socket.recv(65536)
        if not part:
            sys.exit("pace: the server closed a connection")
        self.received += part
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or len(body) < int(length[1] if length else 0):
            return None
        self.due = None
        return int(head.split()[1]), body


class Pace:
    def __init__(self, url, rate, kind):
        target = urlsplit(url)
        self.connections = [Connection((target.hostname, target.port)) for _ in range(CONNECTIONS)]
        self.step = 1 / rate
        self.reports_success = kind == "deploy"
        self.unfinished = []
        self.times, self.errors, self.ended = [], 0, False

    def next_request(self, due):
        if self.unfinished:
            return "PUT", f"{DEPLOYMENTS}/{self.unfinished.pop()}", "status=success", due
        return "POST", DEPLOYMENTS, CREATE, due

    def take(self, connection):
        due = connection.due
        answer = connection.receive()
        if answer is None:
            return
        status, body = answer
        self.times.append(time.monotonic() - due)
        self.errors += status not in (200, 201)
        if self.reports_success and status == 201 and body:
            self.unfinished.append(json.loads(body)["id"])

    def run(self):
        started = due = time.monotonic()
        while not self.ended or any(connection.due for connection in self.connections):
            idle = [connection for connection in self.connections if connection.due is None]
            while idle and not self.ended and due <= time.monotonic():
                idle.pop().send(*self.next_request(due))
                due += self.step
            busy = {connection.socket: connection for connection in self.connections if connection.due is not None}
            wait = max(0, due - time.monotonic()) if idle and not self.ended else 0.1
            for ready in select.select(list(busy), [], [], wait)[0]:
                self.take(busy[ready])
        return time.monotonic() - started

    def end(self, *_):
        self.ended = True


def main():
    url, rate, kind = sys.argv[1:]
    pace = Pace(url, float(rate), kind)
    signal.signal(signal.SIGTERM, pace.end)
    took = pace.run()
    times = sorted(pace.times) or [0]
    at = {f"p{part}": int(times[len(times) * part // 100] * 1e6) for part in (50, 99)}
    print(json.dumps({"requests": len(pace.times), "duration": int(took * 1e6), "errors": pace.errors, **at}))


if __name__ == "__main__":
    main()
