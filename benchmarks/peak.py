"""Run a command and write down its seconds and peak memory: for ``measures/child.py``.

Run ``python benchmarks/peak.py FILE COMMAND...``. Linux counts the memory of whoever starts a
process as that process's own peak, so a benchmark full of arrays must not start it itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> int:
    """Run the command, and return its exit code."""
    target, *command = sys.argv[1:]
    began = time.perf_counter()
    process = subprocess.Popen(command)
    # The peak of this child alone; getrusage would give the largest of all children.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    Path(target).write_text(json.dumps([seconds, peak]), encoding="utf-8")
    return process.returncode


if __name__ == "__main__":
    sys.exit(main())
