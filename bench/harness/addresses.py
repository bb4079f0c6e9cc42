"""Which addresses are asked for."""

import json
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import quote

from harness.load import DEPLOYMENTS, NEWEST

# More lists than anybody looks at within an hour.
MANY = 2_000
# So near the beginning that it costs nothing to get there.
NEAR = 200
ENVIRONMENTS = ["production", "staging", "testing", "integration", "training"]
STATUSES = ["success", "failed", "canceled", "running"]
BY_CURSOR = "order_by=id&sort=desc&pagination=keyset"


def total(client, query=""):
    """Rows of a list, as far as they are told: up to 10,000."""
    return int(client.get(f"{NEWEST}{query}&per_page=1")[0].get("X-Total") or 10_000)


def pages(client):
    return [f"{NEWEST}&per_page=20&page={number}" for number in range(1, min(400, total(client) // 20) + 1)]


def filtered(client):
    """Pages of every environment and status, in several lengths, so that there are many of them."""
    found = []
    for environment in ENVIRONMENTS:
        for status in STATUSES:
            query = f"&environment={environment}&status={status}"
            rows = total(client, query)
            for length in range(15, 26):
                full = range(1, min(rows // length, 30) + 1)
                found += [f"{NEWEST}{query}&per_page={length}&page={number}" for number in full]
    return spread(found)[:MANY]


def windows(client):
    """Lists of what changed in times that end at one deployment or another."""
    rows = [row for _, body in islice(client.walk(f"{BY_CURSOR}&per_page=100"), 25) for row in json.loads(body)]
    found = []
    for row in rows:
        until = datetime.fromisoformat(row["updated_at"])
        since = until - timedelta(hours=1)
        bounds = f"updated_after={quote(since.isoformat())}&updated_before={quote(until.isoformat())}"
        found.append(f"{DEPLOYMENTS}?order_by=updated_at&sort=desc&per_page=20&{bounds}")
    return spread(found)[:MANY]


def walked(client, parts):
    return [path for path, _ in islice(client.walk(f"{BY_CURSOR}&per_page=20"), parts)]


def near(client):
    """The first pages by number, in every length, and the same by cursor."""
    by_number, by_cursor = [], []
    rows = min(total(client), NEAR)
    for length in range(1, 101):
        count = rows // length
        by_number += [f"{NEWEST}&per_page={length}&page={number}" for number in range(1, count + 1)]
        by_cursor += [path for path, _ in islice(client.walk(f"{BY_CURSOR}&per_page={length}"), count)]
    return by_number, by_cursor


def newest_ids(client, count):
    bodies = islice(client.walk(f"{BY_CURSOR}&per_page=100"), -(-count // 100))
    return [row["id"] for _, body in bodies for row in json.loads(body)][:count]


def gets(ids):
    return [f"{DEPLOYMENTS}/{number}" for number in ids]


def spread(paths):
    """In another order, the same each time."""
    step = 7_919
    return [paths[number * step % len(paths)] for number in range(len(paths))] if len(paths) % step else paths
