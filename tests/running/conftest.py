from __future__ import annotations

from tests.studies.conftest import hall, small

__all__ = ["hall", "small"]
