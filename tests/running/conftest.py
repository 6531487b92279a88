from __future__ import annotations

from tests.experiment.conftest import hall, small

__all__ = ["hall", "small"]
