"""The compiled engine as plain Python, whole or with a fault: compiling a fault takes 20 s.

The sources of its modules are run afresh, one after the other, and see each other's copies
and decorators that leave functions as they are.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

import sim
from sim.chance.history import History
from sim.engine import compiled
from sim.engine.log import Log
from sim.engine.state import State
from sim.process.network import ProcessNetwork

ROOT = Path(sim.__file__).parents[1]
SOURCES = (
    "sim.chance.philox",
    "sim.chance.inversion",
    "sim.chance.draws",
    "sim.engine.net",
    "sim.engine.routes",
    "sim.engine.packed",
    "sim.engine.calendars",
    "sim.engine.tally",
    "sim.engine.state",
    "sim.engine.rows",
    "sim.engine.people",
    "sim.engine.walk",
    "sim.engine.compiled",
)
"""Each imports only those before it."""

PLAIN = (
    # Native arithmetic on narrow fields is of 64 bits; NumPy's is as narrow as they are.
    (r"np\.int(8|32)\b", "np.int64"),
    # Fields of a record are attributes in native functions only.
    (r"draws\[draw\]\.(\w+)", r'draws[draw]["\1"]'),
)


class Change(NamedTuple):
    """`then` in place of `text` in a function of a module such as ``engine.walk``."""

    module: str
    function: str
    text: str
    then: str

    def made_in(self, source: str) -> str:
        """Return the source of the module with the change."""
        lines = source.splitlines(keepends=True)
        [found] = [
            node
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef) and node.name == self.function
        ]
        span = slice(found.lineno - 1, found.end_lineno)
        right = "".join(lines[span])
        assert self.text in right, "the engine has changed: write the fault anew"
        lines[span] = [right.replace(self.text, self.then)]
        return "".join(lines)


class Interpreted:
    """A copy of the compiled engine that Python interprets."""

    def __init__(self, change: Change | None = None) -> None:
        with patch.dict(sys.modules, {"sim.native": _plain_native()}):
            for name in SOURCES:
                changed = change is not None and name == f"sim.{change.module}"
                sys.modules[name] = made = ModuleType(name)
                exec(_code(name, change if changed else None), made.__dict__)  # noqa: S102
            self.engine = sys.modules[compiled.__name__]

    def simulate(self, network: ProcessNetwork, history: History) -> Log:
        """Run one history and return its log."""
        with np.errstate(over="ignore"):  # Philox counts on it
            return self.engine.simulate(network, history)

    def run(self, network: ProcessNetwork, history: History, *how: Any) -> State:
        """Run one history and return all that is left of it, the log too."""
        with np.errstate(over="ignore"):
            return self.engine.run(self.engine.packed(network), history, *how, log=True)


@cache
def _code(name: str, change: Change | None) -> Any:
    source = (ROOT / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")
    if change is not None:
        source = change.made_in(source)
    for native, plain in PLAIN:
        source = re.sub(native, plain, source)
    return compile(source, f"{name} (interpreted)", "exec")


def _plain_native() -> ModuleType:
    native: Any = ModuleType("sim.native")
    native.native = native.kernel = native.inner = _as_it_is
    native.multiply_high = lambda one, other: np.uint64(int(one) * int(other) >> 64)
    return native


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
