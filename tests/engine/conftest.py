"""Traces run on every engine, and on the plain one written from docs/semantics.md."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import ENGINES, Engine

from . import plain
from .build import World

TRACED: dict[str, Engine] = ENGINES | {"plain": plain.simulate}


@pytest.fixture(scope="module", params=TRACED)
def traced(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let every `World` run on one engine after the other."""
    before = World.simulate
    World.simulate = staticmethod(TRACED[request.param])
    yield
    World.simulate = staticmethod(before)
