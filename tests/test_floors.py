"""Floors: a module imports only from floors below its own; chance lives in one place."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import sim

ROOT = Path(sim.__file__).parent
TOP = frozenset({"api", "__init__", "__main__"})
BELOW = {
    "garbage": set(),
    "own_yaml": set(),
    "printable": set(),
    "whole_file": set(),
    "machine_code": {"whole_file"},
    "native": {"machine_code"},
    "process": {"native"},
    "scenario": {"own_yaml", "printable"},
    "stats": set(),
    "chance": {"process", "native"},
    "rules": {"scenario", "process"},
    "engine": {"process", "chance", "native", "garbage"},
    "measure": {"process", "scenario", "stats", "chance", "rules", "engine", "own_yaml"},
    "present": {"process", "stats", "measure", "garbage", "own_yaml", "printable"},
}
BELOW["running"] = {*BELOW["measure"], "measure", "native", "whole_file", "garbage", "printable"}
BELOW["cli"] = {*BELOW["running"], "running", "present"}
BELOW["studies"] = {*BELOW["cli"], "cli"}
"""Floors that each floor may import from, besides its own."""

ROOMS_ABOVE = {("staffing", "comparison"), ("ensemble", "calibration")}
"""Rooms of studies of which the first builds on the second; others do not know each other."""

LATE = {
    ("sim.__init__", "sim.api"): "`hall --help` need not wait for pandas",
    ("sim.__init__", "sim.rules.feasibility_checks"): "the same",
    ("sim.__init__", "sim.measure.definitions"): "the same",
    ("sim.cli", "sim.present.words"): "an interrupt is told before anything else is imported",
    ("sim.present.charts.folder", "sim.present.charts.files"): "matplotlib is slow to import",
    ("sim.present.charts.parts", "sim.present.charts.figure"): "the same",
    ("sim.running.workers", "sim.running.cluster"): "an extra",
    ("sim.studies.inspection.routes", "sim.present.charts.figure"): "matplotlib, as above",
}
"""Imports of this program's modules inside functions, and why."""

ALLOWED: dict[tuple[str, str], str] = {}
"""(module, imported floor): why this breach is meant."""

LONGEST_MODULE = 450
LONGEST_FUNCTION = 55
"""Lines without docstrings."""


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


def room(module: str) -> str | None:
    """Return the study that a module belongs to, if it does."""
    parts = module.split(".")
    is_room = parts[1:2] == ["studies"] and (ROOT / "studies" / "".join(parts[2:3])).is_dir()
    return parts[2] if is_room and len(parts) > 2 else None


def arrows() -> set[tuple[str, str]]:
    """Return which module imports which, for whatever reason and wherever it does."""
    known = {name_of(path) for path in modules()}
    found = set()
    for path in modules():
        importer = name_of(path)
        for _, name in imports(parsed(path), importer, package=is_package(path)):
            imported = name if name in known else name.rpartition(".")[0]
            if imported in known - {importer, "sim"}:
                found.add((importer, imported))
    return found


def test_no_files_import_each_other_in_a_circle() -> None:
    sorter = TopologicalSorter[str]()
    for importer, imported in arrows():
        if importer != "sim":  # whose names are looked up when they are asked for
            sorter.add(importer, imported)
    sorter.prepare()  # raises CycleError, which names the circle


def test_rooms_do_not_know_each_other() -> None:
    between = {
        (first, second)
        for importer, imported in arrows()
        for first, second in [(room(importer), room(imported))]
        if first and second and first != second
    }
    assert between == ROOMS_ABOVE


def test_only_slow_libraries_are_imported_late() -> None:
    found = set()
    for path in modules():
        tree, name = parsed(path), name_of(path)
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                found |= {
                    (name, imported if imported in map(name_of, modules()) else base)
                    for _, imported in imports(function, name, package=is_package(path))
                    if imported.split(".")[0] == "sim"
                    for base in [imported.rpartition(".")[0]]
                }
    assert found == set(LATE)


DOORS = {"api", "charts", "command", "files", "said", "study", "targets"}
"""Modules of rooms whose public names are the same in each room on purpose."""
SAME_ON_PURPOSE = {
    "simulate": "each engine",
    "Calendar": "as written, and as intervals",
    "Hall": "as written, and as the rules see it",
}


def test_no_public_name_stands_for_two_things() -> None:
    places: dict[str, set[str]] = {}
    for path in modules():
        name = name_of(path)
        if room(name) and name.split(".")[3:4] and name.split(".")[3] in DOORS:
            continue
        for node in parsed(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, set()).add(name)
    doubled = {name: sorted(where) for name, where in places.items() if len(where) > 1}
    assert doubled.keys() == SAME_ON_PURPOSE.keys(), doubled


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
        ("sim.present.one", "from sim.scenario.model import Scenario"),
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


def code_lines(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> int:
    """Return the lines of a module or function, docstrings apart."""
    last = len(text.splitlines()) if isinstance(node, ast.Module) else node.end_lineno or 0
    first = 1 if isinstance(node, ast.Module) else node.lineno
    told = sum(
        (one.end_lineno or one.lineno) - one.lineno + 1
        for one in ast.walk(node)
        if isinstance(one, ast.Expr)
        and isinstance(one.value, ast.Constant)
        and isinstance(one.value.value, str)
    )
    return last - first + 1 - told


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_modules_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert code_lines(tree, text) <= LONGEST_MODULE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = code_lines(node, text)
            assert lines <= LONGEST_FUNCTION, f"{node.name} has {lines} lines"
