"""Native functions index without asking whether an index is negative: none ever is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CANARY = """
import numpy as np
from sim.native import native

@native
def at(values, index):
    return values[index]

for index in (3, -1, 4):
    try:
        print(at(np.arange(4.0), index))
    except IndexError:
        print("outside")
"""


def checked(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with numba's check of every index."""
    checks = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | checks,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.mark.long
def test_the_check_notices_a_negative_index(tmp_path: Path) -> None:
    (tmp_path / "canary.py").write_text(CANARY, encoding="utf-8")
    told = checked(tmp_path, str(tmp_path / "canary.py"))
    assert told.stdout.split() == ["3.0", "outside", "outside"], told.stderr


@pytest.mark.long
def test_no_index_is_outside_in_any_random_world_or_shipped_hall(tmp_path: Path) -> None:
    told = checked(tmp_path, "-m", "pytest", "-q", "tests/engine/test_agreement.py", "tests/chance")
    assert told.returncode == 0, told.stdout[-3000:]
