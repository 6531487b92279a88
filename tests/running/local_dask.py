"""A Dask cluster of this machine, for tests: real processes, which tests may kill."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTED_S = 60


class Dask:
    """Processes of a cluster on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []

    def scheduler(
        self, port: int | None = None, preload: str = "", **settings: str
    ) -> tuple[str, subprocess.Popen[bytes]]:
        """Start a scheduler; return its address when it listens."""
        port = port or free_port()
        process = self._start(
            preload, settings, "scheduler", "--host=127.0.0.1", f"--port={port}", "--no-show"
        )
        until(lambda: answers(port))
        return f"tcp://127.0.0.1:{port}", process

    def worker(self, address: str, preload: str = "") -> subprocess.Popen[bytes]:
        """Start a worker of one thread."""
        limits = ("--nthreads=1", "--no-nanny", "--death-timeout=60", "--memory-limit=0")
        return self._start(preload, {}, "worker", address, *limits)

    def _start(
        self, preload: str, settings: dict[str, str], kind: str, *options: str
    ) -> subprocess.Popen[bytes]:
        more = []
        if preload:
            file = self.folder / f"preload_{len(self.running)}.py"
            file.write_text(preload)
            more = [f"--preload={file}"]
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", kind, *options, *more, "--no-dashboard"],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.running.append(process)
        return process

    def end(self) -> None:
        for process in self.running:
            process.kill()
        for process in self.running:
            process.wait(10)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + STARTED_S
    while not condition():
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.02)
