from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .build import SmallHall, build

MakeHall = Callable[..., SmallHall]


@pytest.fixture
def hall(tmp_path: Path) -> MakeHall:
    """Build a small hall: `hall(items={"permit": {...}}, **{"policy.entry": 1.0})`."""

    def make(**changes: object) -> SmallHall:
        return build(tmp_path, **changes)  # type: ignore[arg-type]

    return make
