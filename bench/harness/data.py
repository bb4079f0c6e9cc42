"""Databases by their size, made when they are first asked for."""

import shutil
import subprocess

from harness.load import TOKEN
from harness.servers import Postgres


class Data:
    """Databases of one run. Those of SQLite are made in `home`, or kept for other runs in the directory of `--keep`."""

    def __init__(self, options, home):
        self.options = options
        self.home = home
        self.postgres = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.postgres:
            self.postgres.__exit__()

    def fill(self, address, rows):
        program = self.options.programs / "examples" / "bench_data"
        subprocess.run([program, address, TOKEN, str(rows)], check=True, cwd=self.home)

    def file(self, rows):
        """The SQLite database of this size. What measurements add to it is taken away again by the next run."""
        file = (self.options.keep or self.home) / f"{rows}-deployments.db"
        made = self.home / f"made-{rows}"
        if not made.exists():
            if file.exists():
                self.fill(f"sqlite:{file}", rows)
            else:
                # It gets its name when it is complete.
                unfinished = file.with_suffix(".unfinished")
                unfinished.unlink(missing_ok=True)
                self.fill(f"sqlite:{unfinished}", rows)
                unfinished.rename(file)
                unfinished.with_name(f"{unfinished.name}-lock").unlink(missing_ok=True)
            made.touch()
        return file

    def copy(self, rows, name):
        """A copy of a database, for a measurement that changes much."""
        file = self.home / f"{name}.db"
        shutil.copy(self.file(rows), file)
        return file

    def on_postgres(self, rows, name):
        """The address of a new PostgreSQL database of this size."""
        if self.postgres is None:
            self.postgres = Postgres(self.options.postgres)
            self.postgres.__enter__()
            self.fill(self.postgres.database("filled"), rows)
        return self.postgres.database(name, "filled")
