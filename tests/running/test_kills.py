"""Commands killed at random instants: nothing is lost, doubled or different."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running.kills import COMMANDS

ROOT = Path(__file__).parents[2]
TIMES = os.environ.get("HALL_KILLS", "5")


@pytest.mark.long
@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_command_goes_on_where_it_was(name: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.running.kills", TIMES, name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(f"{name}: {TIMES} kills")
