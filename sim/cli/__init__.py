"""The command `hall`."""

from __future__ import annotations

import gc
import os
import sys

import click

from sim.cli import (
    attribute,
    capacity,
    clean,
    ensemble,
    looks,
    runs,
    sensitivity,
    staff,
    sweep,
    transition,
)
from sim.cli.options import INTERRUPTED
from sim.running.interrupts import stop_as_ctrl_c
from sim.running.streams import OutputError, make_readable

FAILED = 1
GARBAGE_AFTER = 100_000
"""Objects made between two looks for garbage."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="hall-simulator")
def hall() -> None:
    """Simulate a government one-stop service hall, and compare reforms before making them.

    SCENARIO is a name in scenarios/ or the path of a YAML file, with reforms added by a plus
    sign: county, county+full-authorization, my/hall.yaml+full-entry.
    """


for command in (
    looks.check,
    looks.explain,
    looks.indicators,
    looks.assumptions,
    looks.schema,
    looks.calibrate,
    runs.run,
    runs.compare,
    capacity.capacity,
    attribute.attribute,
    ensemble.ensemble,
    sensitivity.sensitivity,
    staff.staff,
    sweep.sweep,
    transition.transition,
    clean.clean,
):
    hall.add_command(command)


def main() -> None:
    """Run the command, and leave at once.

    Everything is written and closed by then; freeing half a million blocks one by one would
    take the best part of a second, and looking for garbage among them while they are made a
    tenth of what a command does before its first replication.
    """
    gc.set_threshold(GARBAGE_AFTER)
    stop_as_ctrl_c()
    make_readable()
    try:
        code = _code_of_hall()
        sys.stdout.flush()
    except BrokenPipeError:  # a reader that has gone, such as `head`
        code = FAILED
    except OutputError as error:
        _tell("done.no_output", why=error)
        code = FAILED
    sys.stderr.flush()
    os._exit(code)


def _code_of_hall() -> int:
    """Run the command and return its exit code."""
    try:
        ended = hall(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except (click.Abort, KeyboardInterrupt):
        _tell("done.interrupted")
        return INTERRUPTED
    return ended if isinstance(ended, int) else 0


def _tell(key: str, **values: object) -> None:
    """Say something in the language that was asked for, whether or not options were read."""
    from sim.present.words import say  # noqa: PLC0415

    lang = "zh" if {"zh", "--lang=zh"} & set(sys.argv) else "en"
    print(say(key, lang, **values), file=sys.stderr)  # type: ignore[arg-type]
