"""Cells: what their names depend on, and that nothing stale or damaged is taken for good."""

from __future__ import annotations

import ast
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from sim.measure.definitions import indicators
from sim.running import cells as module
from sim.running.cells import Batch, Cell, Cells, Found, work_out
from sim.running.measurements import DETAILS, QueuePerformanceWith
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.problems import RunError
from tests.scenario.conftest import Hall
from tests.test_floors import ROOT, imports


def found_of(cell: Cell) -> Found:
    (found,) = work_out(Batch((cell,)))
    return found


def test_the_same_hall_has_the_same_cells_however_it_is_named(small: Hall, hall: Scenario) -> None:
    reformed = hall.with_reforms("full-entry")
    same = hall.with_values({"policy.entry": 1})
    assert Cell((reformed,), 0, 2, 1).key == Cell((same,), 0, 2, 1).key


@pytest.mark.parametrize(
    "other",
    [
        lambda hall: Cell((hall,), 2, 2, 1),
        lambda hall: Cell((hall,), 0, 3, 1),
        lambda hall: Cell((hall,), 0, 2, 2),
        lambda hall: Cell((hall.with_values({"policy.entry": 1}),), 0, 2, 1),
        lambda hall: Cell((hall, hall), 0, 2, 1),
        lambda hall: Cell((hall,), 0, 2, 1, DETAILS),
        lambda hall: Cell((hall,), 0, 2, 1, QueuePerformanceWith()),
    ],
)
def test_another_block_seed_or_parameter_is_another_cell(hall: Scenario, other) -> None:
    assert other(hall).key != Cell((hall,), 0, 2, 1).key


def test_a_changed_table_is_another_cell(small: Hall, hall: Scenario) -> None:
    before = Cell((hall,), 0, 2, 1).key
    text = Path("items.csv").read_text(encoding="utf-8")
    changed = re.sub(r"(,)(\d+\.\d+)(,)", r"\g<1>9.875\3", text, count=1)
    assert changed != text
    Path("items.csv").write_text(changed, encoding="utf-8")
    assert Cell((load("hall.yaml"),), 0, 2, 1).key != before


def test_other_code_is_another_cell(hall: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Cell((hall,), 0, 2, 1).key
    monkeypatch.setattr(module, "code_version", lambda: "other")
    assert Cell((hall,), 0, 2, 1).key != before


def test_figures_come_back_bit_for_bit(hall: Scenario, tmp_path: Path) -> None:
    cell, kept = Cell((hall,), 0, 3, 1), Cells(tmp_path / "cells")
    assert kept.get(cell.key) is None
    found = found_of(cell)
    assert found.shape == (3,)
    assert found["indicators"].shape == (3, len(indicators()))
    kept.put(cell.key, found)
    back = kept.get(cell.key)
    assert back is not None
    assert back.tobytes() == found.tobytes()
    assert [path.suffix for path in (tmp_path / "cells").rglob("*") if path.is_file()] == [".npy"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-9],
        lambda _: b"",
        lambda _: b"\x93NUMPY",
        lambda data: bytes(len(data)),
        lambda data: data + b"\0",
    ],
)
def test_a_damaged_cell_counts_as_missing_and_is_named(
    hall: Scenario, tmp_path: Path, damage
) -> None:
    cell, kept = Cell((hall,), 0, 1, 1), Cells(tmp_path / "cells")
    kept.put(cell.key, found_of(cell))
    path = kept.path(cell.key)
    assert path is not None
    assert not kept.damaged
    path.write_bytes(damage(path.read_bytes()))
    assert kept.get(cell.key) is None
    assert kept.damaged == {path}


def test_no_flipped_bit_is_used(hall: Scenario, tmp_path: Path) -> None:
    cell, kept = Cell((hall,), 0, 1, 1), Cells(tmp_path / "cells")
    found = found_of(cell)
    kept.put(cell.key, found)
    path = kept.path(cell.key)
    assert path is not None
    whole = path.read_bytes()
    for bit in np.random.default_rng(1).integers(0, 8 * len(whole), 3_000).tolist():
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        assert kept.get(cell.key) is None
    path.write_bytes(whole)
    back = kept.get(cell.key)
    assert back is not None
    assert back.tobytes() == found.tobytes()


def test_a_cell_under_the_name_of_another_is_not_taken_for_it(
    hall: Scenario, tmp_path: Path
) -> None:
    one, other, kept = Cell((hall,), 0, 1, 1), Cell((hall,), 1, 1, 1), Cells(tmp_path / "cells")
    kept.put(one.key, found_of(one))
    here, there = kept.path(one.key), kept.path(other.key)
    assert here is not None
    assert there is not None
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes(here.read_bytes())
    assert kept.get(other.key) is None


def test_every_file_and_library_that_decides_a_figure_is_part_of_the_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    bytes_of = Path.read_bytes

    def note(path: Path) -> bytes:
        read.append(path.as_posix())
        return bytes_of(path)

    monkeypatch.setattr(Path, "read_bytes", note)
    before = module.code_version.__wrapped__()
    assert before == module.code_version()
    names = [path.rpartition("/sim/")[2] for path in read]
    assert {"native.py", "running/replication.py", "rules/offices.py"} <= set(names)
    assert {"measure/definitions.yaml", "engine/appointments.py"} <= set(names)
    for library in ("numba", "llvmlite", "numpy", "scipy", "holidays"):
        other = lambda name, library=library: "0" if name == library else version(name)  # noqa: E731
        monkeypatch.setattr(module, "version", other)
        assert module.code_version.__wrapped__() != before
    monkeypatch.setattr(module, "version", version)
    monkeypatch.setattr("platform.machine", lambda: "another")
    assert module.code_version.__wrapped__() != before


def test_a_full_disk_is_told_and_leaves_no_half_written_cell(
    hall: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    cell, kept = Cell((hall,), 0, 1, 1), Cells(tmp_path / "cells")
    monkeypatch.setattr(np, "save", full)
    with pytest.raises(RunError, match=r"No space left on device.*same command again"):
        kept.put(cell.key, np.zeros(1, [("indicators", float, (3,))]))
    assert not [path for path in (tmp_path / "cells").rglob("*") if path.is_file()]


def test_no_module_that_works_cells_out_is_missing_from_the_version() -> None:
    told = {path.relative_to(ROOT).as_posix() for path in module.computing_files()}
    waiting, seen = ["sim.running.cells"], set[str]()
    while waiting:
        name = waiting.pop()
        file = ROOT.joinpath(*name.split(".")[1:]).with_suffix(".py")
        if name in seen or not file.is_file():
            continue
        seen.add(name)
        for _, imported in imports(ast.parse(file.read_text(encoding="utf-8")), name):
            waiting += [imported, imported.rpartition(".")[0]]
    found = {f"{name.removeprefix('sim.').replace('.', '/')}.py" for name in seen}
    assert found <= told
