"""Python's garbage collection, which is switched off while engines run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_kept() -> Iterator[None]:
    """Switch garbage collection off: engines make millions of short-lived objects without cycles.

    Yields
    ------
    None
        Afterwards it is on again if it was on before.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
