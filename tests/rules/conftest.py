from __future__ import annotations

from pathlib import Path

import pytest

from .build import MakeHall, SmallHall, build


@pytest.fixture
def hall(tmp_path: Path) -> MakeHall:
    """Build a small hall: `hall(items={"permit": {...}}, **{"policy.entry": 1.0})`."""

    def make(**changes: object) -> SmallHall:
        return build(tmp_path, **changes)  # type: ignore[arg-type]

    return make
