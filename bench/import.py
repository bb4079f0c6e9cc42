#!/usr/bin/env python3
"""How long an import of many deployments takes from a server that answers at once, and how much memory.

    bench/import.py target/release/landfall [DEPLOYMENTS]

The server plays a GitLab: every deployment has a job with commit, pipeline and runner, and takes 3 kB. Its answers are
made before the import begins.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

ENVIRONMENTS = ["production", "staging", "qa", "review/a", "review/b"]
PROJECT = {
    "id": 77,
    "name": "App",
    "path": "app",
    "path_with_namespace": "team/app",
    "visibility": "private",
    "web_url": "https://gitlab.example.com/team/app",
}
USER = {
    "id": 5,
    "username": "ada",
    "public_email": "ada@example.com",
    "name": "Ada Lovelace",
    "state": "active",
    "locked": False,
    "avatar_url": "https://gitlab.example.com/ada.png",
    "web_url": "https://gitlab.example.com/ada",
}
TEXTS = ["linkedin", "twitter", "discord", "website_url", "github", "job_title", "organization"]


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(1_735_689_600 + seconds))


def deployment(number):
    sha, begin, end = f"{number:040x}", at(number * 60), at(number * 60 + 30)
    environment = number % len(ENVIRONMENTS)
    person = {"author_name": "Ada", "author_email": "ada@example.com", "committer_name": "Ada", "committer_email": "ada@example.com"}
    run = {"id": number, "status": "success", "ref": "main", "created_at": begin}
    return {
        "id": 1000 + number,
        "iid": number,
        "ref": "main",
        "sha": sha,
        "created_at": begin,
        "updated_at": end,
        "status": "success",
        "user": USER,
        "environment": {
            "id": environment,
            "name": ENVIRONMENTS[environment],
            "slug": f"slug-{environment}",
            "external_url": None,
            "created_at": at(0),
            "updated_at": at(0),
        },
        "deployable": run
        | {
            "stage": "deploy",
            "name": "deploy",
            "tag": False,
            "allow_failure": False,
            "started_at": begin,
            "finished_at": end,
            "duration": 29.5,
            "queued_duration": 0.5,
            "web_url": "https://gitlab.example.com/team/app/-/jobs/1",
            "tag_list": ["docker"],
            "user": USER | dict.fromkeys(TEXTS, ""),
            "commit": person | {"id": sha, "short_id": sha[:8], "title": "Ship it", "message": "Ship it\n" * 20},
            "pipeline": run | {"iid": number, "project_id": 77, "sha": sha, "source": "push", "updated_at": end},
            "runner": {"id": 2, "description": "shared", "active": True, "runner_type": "instance_type"},
        },
    }


def serve(count):
    """Deployments are numbered in the order of their times, so one list serves both orders."""
    numbers = range(1, count + 1)
    bodies = [json.dumps(deployment(number)) for number in numbers]
    times = [at(number * 60 + 30) for number in numbers]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            url = urlparse(self.path)
            link = None
            if url.path.endswith("/deployments"):
                body, link = self.page({name: values[0] for name, values in parse_qs(url.query).items()})
            else:
                body = "[]" if url.path.endswith("/environments") else json.dumps(PROJECT)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            if link:
                self.send_header("Link", link)
            self.end_headers()
            self.wfile.write(body.encode())

        def page(self, query):
            since = query.get("updated_after", "")[:19]
            first = next((at for at, told in enumerate(times) if told >= since), count) if since else 0
            found = bodies[first:] if query.get("sort") != "desc" else bodies[:-2:-1]
            size = int(query["per_page"])
            end = int(query.get("page", 1)) * size
            link = '<http://x?page=next>; rel="next"' if end < len(found) else None
            return f"[{','.join(found[end - size : end])}]", link

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def peak_memory(pid):
    """In MB; 0 once the process is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            lines = [line.split() for line in status if line.startswith("VmHWM")]
        return int(lines[0][1]) // 1024
    except (OSError, IndexError):
        return 0


def main():
    program = os.path.abspath(sys.argv[1])
    url = serve(int(sys.argv[2]) if len(sys.argv) > 2 else 50_000)
    command = [program, "import", "gitlab", "--url", url, "--token-env", "TOKEN", "--project", "team/app"]
    with tempfile.TemporaryDirectory() as directory:
        begun, peak = time.monotonic(), 0
        process = subprocess.Popen(command, cwd=directory, env=os.environ | {"TOKEN": "x"}, stderr=subprocess.DEVNULL)
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.05)
        print(f"{time.monotonic() - begun:.1f} s, at most {peak} MB resident, exit code {process.returncode}")


if __name__ == "__main__":
    main()
