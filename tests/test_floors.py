"""Floors: a module imports only from floors below its own; chance lives in one place."""

import ast
from pathlib import Path

import pytest

import sim

ROOT = Path(sim.__file__).parent
TOP = frozenset({"api", "cli", "__init__", "__main__"})
BELOW = {
    "whole_file": set(),
    "machine_code": {"whole_file"},
    "native": {"machine_code"},
    "process": {"native"},
    "scenario": set(),
    "stats": set(),
    "chance": {"process", "native"},
    "rules": {"scenario", "process"},
    "engine": {"process", "chance", "native"},
    "measure": {"process", "scenario", "stats", "chance", "rules", "engine"},
}
BELOW["running"] = {*BELOW["measure"], "measure", "native", "whole_file"}
BELOW["experiment"] = {*BELOW["running"], "running"}
BELOW["present"] = {*BELOW["experiment"], "experiment"}
"""Floors that each floor may import from, besides its own."""

ALLOWED: dict[tuple[str, str], str] = {}
"""(module, imported floor): why this breach is meant."""

LONGEST_MODULE = 500
LONGEST_FUNCTION = 60


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def dotted(path: Path, root: Path = ROOT) -> str:
    return ".".join(["sim", *path.relative_to(root).with_suffix("").parts])


def floor(module: str) -> str:
    """Return the floor of a dotted module name inside sim; the top floor is one."""
    parts = module.split(".")
    name = parts[1] if len(parts) > 1 else "__init__"
    return "top" if name in TOP else name


def imports(tree: ast.AST, module: str, *, package: bool = False) -> list[tuple[int, str]]:
    """Return line and dotted name of everything imported anywhere in a module."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = module.split(".")[: None if package else -1]
                here = here[: len(here) - node.level + 1]
                base = ".".join([*here, base]).rstrip(".")
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


def breaches(tree: ast.AST, module: str, *, package: bool = False) -> list[str]:
    own = floor(module)
    if own == "top":
        return []
    found = []
    for line, name in imports(tree, module, package=package):
        if name.split(".")[0] != "sim":
            continue
        other = floor(name)
        if other not in {own, *BELOW[own]} and (module, other) not in ALLOWED:
            found.append(f"{module}:{line} imports {name}: {own} lies below {other} or beside it")
    return found


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_package(path: Path) -> bool:
    return path.name == "__init__.py"


def name_of(path: Path) -> str:
    return dotted(path.parent if is_package(path) and path.parent != ROOT else path)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_only_from_floors_below(path: Path) -> None:
    assert breaches(parsed(path), name_of(path), package=is_package(path)) == []


def test_every_floor_is_known() -> None:
    assert {floor(name_of(path)) for path in modules()} - {"top"} == set(BELOW)


def test_no_allowance_outlives_its_use() -> None:
    used = {
        (name_of(path), floor(name))
        for path in modules()
        for _, name in imports(parsed(path), name_of(path), package=is_package(path))
        if name.split(".")[0] == "sim"
    }
    assert set(ALLOWED) <= used


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("sim.engine.one", "from sim.rules.hall import Hall"),
        ("sim.engine.one", "import sim.scenario.load"),
        ("sim.process.one", "def f():\n    from sim.chance import draws"),
        ("sim.chance.one", "if TYPE_CHECKING:\n    from sim.engine.log import Log"),
        ("sim.measure.one", "from sim import present"),
        ("sim.stats.one", "from ..process import clock"),
        ("sim.studies.one", "from sim import load"),
        ("sim.rules.one", "from sim.cli import main"),
    ],
)
def test_a_breach_is_found(module: str, source: str) -> None:
    assert breaches(ast.parse(source), module)


# Chance in one place ------------------------------------------------------------------------


def touches_chance(tree: ast.AST) -> list[str]:
    """Return uses of `random`, `secrets`, `numpy.random` and SciPy's random variates."""
    found = [
        f"line {line}: import {name}"
        for line, name in imports(tree, "sim.x")
        if name.split(".")[0] in {"random", "secrets"}
        or name.startswith(("numpy.random", "scipy.stats.sampling"))
    ]
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    found += [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in attributes
        if node.attr == "rvs" or ast.unparse(node) in {"np.random", "numpy.random"}
    ]
    return found


@pytest.mark.parametrize(
    "path", [path for path in modules() if path.parent.name != "chance"], ids=name_of
)
def test_random_numbers_come_from_chance_only(path: Path) -> None:
    assert touches_chance(parsed(path)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import random",
        "from random import choice",
        "import numpy.random as r",
        "from numpy import random",
        "import numpy as np\nnp.random.default_rng()",
        "from scipy import stats\nstats.norm.rvs()",
    ],
)
def test_a_use_of_chance_is_found(source: str) -> None:
    assert touches_chance(ast.parse(source))


# Sizes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_modules_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= LONGEST_FUNCTION, f"{node.name} has {lines} lines"
