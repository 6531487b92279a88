"""Run commands one after the other, each in a child of a process that has imported everything.

A script: it reads a JSON line ``{"folder": …, "arguments": […]}`` for each command and answers with
a JSON line of exit code, seconds, peak memory, standard output and standard error.  Forking
takes milliseconds, where starting Python and importing numba takes a second.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

KIBIBYTE = 1024
LONGEST_S = 60
MOST_ADDRESSED = 6 << 30
"""Bytes of address space, so that a command that asks for too much does not take the machine."""


def main() -> None:
    """Answer commands until standard input ends."""
    import sim.api  # noqa: PLC0415
    import sim.cli  # noqa: PLC0415
    import sim.studies.comparison.said  # noqa: F401, PLC0415

    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Run one command in a child, and say how it ended."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = os.fork()
        if not child:
            _be_the_command(asked, out, err)
        _, status, used = os.wait4(child, 0)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - began,
        "bytes": used.ru_maxrss * KIBIBYTE,
        "stdout": texts[0],
        "stderr": texts[1],
    }


def _be_the_command(asked: dict[str, Any], out: IO[bytes], err: IO[bytes]) -> None:
    """Take on streams, folder and limits, run the command, and end this process."""
    from sim.cli import main as command  # noqa: PLC0415

    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.chdir(asked["folder"])
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSED, MOST_ADDRESSED))
    signal.alarm(LONGEST_S)  # its signal ends the process, whatever it is doing
    sys.argv = ["hall", *asked["arguments"]]
    try:
        command()
    except BaseException:  # noqa: BLE001  (as the interpreter would)
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
