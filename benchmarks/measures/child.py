"""Commands as a user gives them: processes of their own, timed from start to finish."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEAK = ROOT / "benchmarks" / "peak.py"
HALL = Path(sys.executable).with_name("hall")


@dataclass(frozen=True)
class Ended:
    """What a process took."""

    seconds: float
    peak_bytes: int


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ended:
    """Run a command until it ends.

    Parameters
    ----------
    command
        Program and arguments.
    environment
        Variables to set besides.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "peak.json"
        subprocess.run(
            [sys.executable, str(PEAK), str(told), *command],
            cwd=ROOT,
            env=os.environ | (environment or {}),
            check=True,
            capture_output=True,
        )
        return Ended(*json.loads(told.read_text(encoding="utf-8")))


def hall(*arguments: str, environment: Mapping[str, str] | None = None) -> Ended:
    """Run the command `hall`; results go to a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        return run([str(HALL), *arguments, "--quiet", "--out", folder], environment)
