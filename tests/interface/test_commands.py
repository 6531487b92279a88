"""The table of commands: complete, with the first line of each help, and quick to print."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import sim
from sim.cli import COMMANDS, hall

ROOMS = Path(sim.__file__).parent / "studies"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_table_is_that_of_the_command(name: str) -> None:
    room, text = COMMANDS[name]
    command = getattr(importlib.import_module(f"sim.studies.{room}.command"), name)
    assert isinstance(command, click.Command)
    assert text == " ".join((command.help or "").split("\n\n")[0].split())


def test_no_command_of_a_room_is_missing() -> None:
    found = {
        name
        for file in ROOMS.glob("*/command.py")
        for module in [importlib.import_module(f"sim.studies.{file.parent.name}.command")]
        for name, thing in vars(module).items()
        if isinstance(thing, click.Command)
    }
    assert found == set(COMMANDS)
    assert list(COMMANDS) == sorted(COMMANDS)


def test_help_names_every_command_and_an_unknown_one_is_a_mistake() -> None:
    told = CliRunner().invoke(hall, ["--help"]).output
    assert all(f"\n  {name} " in told for name in COMMANDS)
    assert CliRunner().invoke(hall, ["compair"]).exit_code == 2


def test_help_waits_for_no_library_of_figures() -> None:
    code = "import sim.cli, sys; sys.exit(bool({'pandas', 'numba', 'pydantic'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("place", ["make_readable", "_code_of_hall"])
def test_an_interrupt_beside_the_command_ends_it_without_a_traceback(place: str) -> None:
    code = (
        "import os, signal, sys, sim.cli as cli\n"
        f"cli.{place} = lambda: os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.argv = ['hall', 'indicators']\n"
        "cli.main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert (ended.returncode, ended.stderr) == (130, b"")
