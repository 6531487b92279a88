"""Machine code on disk: damaged, planted or without room, it is compiled again and runs."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import numba
import numpy as np
import pytest

from sim.machine_code import Folder, KeptCode, _key
from sim.whole_file import DRAFT, sealed

ROOT = Path(__file__).parents[1]


def compiled(folder: Folder) -> numba.core.dispatcher.Dispatcher:
    """Return a function that has not been compiled in this process."""

    @numba.njit
    def twice(number: int) -> int:
        return 2 * number

    KeptCode.attach(twice, folder, "test.twice")
    return twice


def kept(folder: Folder) -> Path:
    (file,) = (path for path in (folder.path or Path()).iterdir())
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a folder that holds the code of a function."""
    found = Folder(tmp_path / "code", "sources")
    assert compiled(found)(21) == 42
    assert not found.problem
    return found


def test_what_is_kept_is_not_compiled_again(folder: Folder) -> None:
    again = compiled(folder)
    assert again(21) == 42
    assert again.stats.cache_hits
    assert not again.stats.cache_misses


def test_damaged_code_is_compiled_again_and_mended(folder: Folder) -> None:
    file = kept(folder)
    whole = file.read_bytes()
    chance = np.random.default_rng(1)
    damaged = [b"", whole[:-1], whole[: len(whole) // 2], bytes(len(whole)), whole + b"\0"]
    damaged += [
        whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :]
        for place in chance.integers(0, len(whole), 40).tolist()
    ]
    for content in damaged:
        file.write_bytes(content)
        again = compiled(folder)
        assert again(21) == 42
        assert again.stats.cache_misses
        assert file.read_bytes() != content
        assert compiled(folder)(21) == 42


def test_code_of_another_key_is_not_taken(folder: Folder) -> None:
    file = kept(folder)
    body = file.read_bytes()[:-16]
    file.write_bytes(sealed("another", body))
    assert compiled(folder)(21) == 42


class Planted:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def plant(file: Path, touched: Path) -> None:
    """Write what looks like kept code and does something else."""

    @numba.njit
    def other(number: int) -> int:
        return 2 * number

    other.compile((numba.int64,))
    key = _key((numba.int64,), other.targetctx.codegen())
    file.write_bytes(sealed(key, pickle.dumps(Planted(touched))))


def test_a_file_that_others_may_write_is_not_read(folder: Folder, tmp_path: Path) -> None:
    file, touched = kept(folder), tmp_path / "touched"
    plant(file, touched)
    file.chmod(0o666)
    assert compiled(folder)(21) == 42
    assert not touched.exists()
    plant(file, touched)
    file.chmod(0o600)
    compiled(folder)(21)
    assert touched.exists()  # so the test would have seen it


def test_a_link_is_not_followed(folder: Folder, tmp_path: Path) -> None:
    file, elsewhere = kept(folder), tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert folder.read("test.twice", "any") is None
    again = compiled(folder)
    assert again(21) == 42
    assert again.stats.cache_misses


@pytest.mark.parametrize("shared", ["code", "code/sources"])
def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path, shared: str) -> None:
    (tmp_path / "code" / "sources").mkdir(parents=True, mode=0o700)
    (tmp_path / "code").chmod(0o700)
    (tmp_path / shared).chmod(0o777)
    found = Folder(tmp_path / "code", "sources")
    assert found.path is None
    assert str(tmp_path / shared) in found.problem
    assert compiled(found)(21) == 42


def test_a_folder_of_another_user_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = os.getuid()
    Folder(tmp_path / "code", "sources")
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert Folder(tmp_path / "code", "sources").path is None


def test_a_link_in_place_of_the_folder_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "code").symlink_to(tmp_path / "elsewhere")
    assert "a link" in Folder(tmp_path / "code", "sources").problem


def test_no_home_or_no_right_means_compiled_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for found in (Folder(None, "sources"), Folder(tmp_path / "file", "sources")):
        assert found.path is None
        assert found.problem
        assert not found.has("test.twice")
        assert compiled(found)(21) == 42


def test_no_room_is_noted_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    found = Folder(tmp_path / "code", "sources")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert compiled(found)(21) == 42
    assert "No space left" in found.problem
    assert found.path is not None
    assert not list(found.path.iterdir())
    assert DRAFT.startswith(".")


SAME_WITHOUT_PATCH = """
import sys
from pathlib import Path
from numba.np import arrayobj
if sys.argv[1] == "plain":
    known = arrayobj.fix_integer_index
    arrayobj.fix_integer_index = lambda *arguments: known(*arguments)
from sim import native
assert native._HAS_INDEX_RULE is (sys.argv[1] != "plain")
from sim.scenario.load import load
from sim.running.runner import Runner
from sim.running.workers import Workers
runner = Runner(seed=1, workers=Workers(1))
print(runner.figures([load("county")], range(1)).values.tobytes().hex())
"""


@pytest.mark.long
def test_without_the_private_patch_everything_runs_as_well(tmp_path: Path) -> None:
    found = {
        how: subprocess.run(
            [sys.executable, "-c", textwrap.dedent(SAME_WITHOUT_PATCH), how],
            cwd=ROOT,
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / how), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for how in ("patched", "plain")
    }
    assert found["patched"] == found["plain"] != ""


COMMAND = ("run", "hall.yaml", "-n", "2", "--no-charts", "--jobs", "1", "--quiet")


@pytest.mark.long
def test_a_command_without_home_says_so_once_and_leaves_nothing(tmp_path: Path) -> None:
    from tests.scenario.conftest import Hall  # noqa: PLC0415

    Hall(tmp_path)
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    ended = subprocess.run(
        [sys.executable, "-m", "sim", *COMMAND],
        cwd=tmp_path,
        env={
            **os.environ,
            "NUMBA_CACHE_DIR": str(nowhere),
            "TMPDIR": str(tmp_path / "temporary"),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("Machine code is not kept") == 1
    assert not (tmp_path / "temporary").exists()
