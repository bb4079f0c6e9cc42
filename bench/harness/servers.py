"""The processes that are measured: Landfall, nginx, PostgreSQL. Each ends with its `with`."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from harness.machine import free_port, pinned

NGINX = """
daemon off;
pid {home}/nginx.pid;
error_log {home}/nginx.log;
worker_processes 1;
worker_rlimit_nofile {files};
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type application/json;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    open_file_cache max={kept} inactive=10m;
    open_file_cache_valid 10m;
    client_body_temp_path {home}/t1;
    proxy_temp_path {home}/t2;
    fastcgi_temp_path {home}/t3;
    uwsgi_temp_path {home}/t4;
    scgi_temp_path {home}/t5;
    server {{
        listen 127.0.0.1:{port};
        root {home}/static;
        location /api/ {{ return 201; }}
    }}
}}
"""
# Enough for the journal of a round; the rest as it comes.
POSTGRES = "-c listen_addresses= -c unix_socket_directories={home} -c shared_buffers=512MB -c max_wal_size=4GB"


class Server:
    """A process that serves at an address."""

    def __init__(self, command, url, log, **options):
        with open(log, "a") as errors:
            self.process = subprocess.Popen(command, stderr=errors, **options)
        self.url = url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    @property
    def pid(self):
        return self.process.pid


def start_landfall(programs, home, database, core=None, threads=None):
    """Starts Landfall on a database (its address) and waits for its ready line."""
    prefix = [] if core is None else pinned(core)
    command = [*prefix, programs / "landfall", "serve", "--listen", "127.0.0.1:0", "--data-dir", home / "data"]
    command += ["--database-url", database, *(["--threads", str(threads)] if threads else [])]
    environment = {"PATH": os.environ["PATH"]}
    server = Server(command, None, home / "landfall.log", stdout=subprocess.PIPE, text=True, cwd=home, env=environment)
    line = server.process.stdout.readline()
    if " ready at " not in line:
        server.__exit__()
        sys.exit(f"landfall did not start: {(home / 'landfall.log').read_text()}")
    server.url = line.split(" ready at ")[1].strip()
    return server


def start_nginx(home):
    """Starts nginx, with one worker, on the files in `static`; what is written to it, it takes and forgets."""
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    (home / "static").mkdir(exist_ok=True)
    (home / "static" / "ready").write_text("ready")
    # It keeps files open that it has been asked for, but not more than it may.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = 100_000 if most == resource.RLIM_INFINITY else most
    text = NGINX.format(home=home, port=port, user=user, files=files, kept=min(files // 2, 50_000))
    (home / "nginx.conf").write_text(text)
    log = home / "nginx.log"
    command = [*pinned(0), "nginx", "-p", home, "-c", home / "nginx.conf", "-e", log]
    server = Server(command, f"http://127.0.0.1:{port}", log)
    for _ in range(500):
        try:
            urllib.request.urlopen(server.url + "/ready").read()
            return server
        except OSError:
            time.sleep(0.02)
    server.__exit__()
    sys.exit(f"nginx did not start: {log.read_text()}")


class Postgres:
    """A PostgreSQL of its own that flushes as it does by default, reached by a socket in its directory."""

    def __init__(self, binaries):
        # A place that PostgreSQL's user may enter, and that is no memory.
        self.home = Path(tempfile.mkdtemp(prefix="landfall-bench-", dir="/var/tmp"))
        self.binaries = Path(binaries)
        self.prefix = []
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            self.prefix = ["runuser", "-u", "postgres", "--"]
            shutil.chown(self.home, "postgres")

    def run(self, program, *arguments):
        command = [*self.prefix, self.binaries / program, *arguments]
        done = subprocess.run(command, cwd=self.home, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            sys.exit(f"{program} failed: {done.stdout}")

    def control(self, *arguments):
        # Its output is not a pipe: the server would keep that open.
        command = [*self.prefix, self.binaries / "pg_ctl", "-D", self.home / "data", "-l", self.home / "log", "-w", *arguments]
        return subprocess.run(command, cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def __enter__(self):
        self.run("initdb", "-D", self.home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        if self.control("-o", POSTGRES.format(home=self.home), "start"):
            sys.exit(f"PostgreSQL did not start: {(self.home / 'log').read_text()}")
        return self

    def __exit__(self, *_):
        self.control("-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def pid(self):
        return int((self.home / "data" / "postmaster.pid").read_text().split()[0])

    def database(self, name, template="template1"):
        """Makes a database and answers its address."""
        self.run("createdb", "-h", self.home, "-U", "postgres", "-T", template, name)
        return f"postgres://postgres@localhost/{name}?host={self.home}"
