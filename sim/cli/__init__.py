"""The command `hall`."""

from __future__ import annotations

import gc
import importlib
import os
import sys

import click

from sim.running.interrupts import ignore_stops, stop_as_ctrl_c
from sim.running.streams import OutputError, make_readable

FAILED, USER_MISTAKE, INTERRUPTED = 1, 2, 130
"""Exit codes."""
GARBAGE_AFTER = 100_000
"""Objects made between two collections of garbage."""


COMMANDS = {
    "assumptions": (
        "inspection",
        "List every parameter of SCENARIO with its grade and source, estimates first.",
    ),
    "attribute": (
        "attribution",
        "Share out what up to eight REFORMs bring to BASE, and find the best order.",
    ),
    "calibrate": (
        "calibration",
        "Refit the calibration file that SCENARIO names to the figures of its report.",
    ),
    "capacity": (
        "capacity",
        "Find the largest multiple of its demand that SCENARIO carries, and its bottleneck.",
    ),
    "check": ("inspection", "List every problem of SCENARIO, or say what was loaded."),
    "clean": (
        "cleaning",
        "Say what commands left on disk and how much it is, and take away what is old.",
    ),
    "columns": ("inspection", "Say what every column of TABLE means, or which tables there are."),
    "compare": ("comparison", "Compare every SCENARIO with BASE on the same applicants."),
    "ensemble": (
        "ensemble",
        "Draw halls like BASE that fit the report, and compare SCENARIOs with BASE in them.",
    ),
    "explain": (
        "inspection",
        "Show the route of an item, or one applicant's story, in SCENARIO.",
    ),
    "indicators": ("inspection", "List every figure and what it means."),
    "run": (
        "comparison",
        "Simulate SCENARIO and show how it does, beside the report if it has one.",
    ),
    "schema": (
        "inspection",
        "Print the JSON Schema of a scenario, for editors that complete YAML.",
    ),
    "sensitivity": (
        "sensitivity",
        "Find the estimates that BASE, or what SCENARIO changes against it, rests on.",
    ),
    "staff": (
        "staffing",
        "Find the fewest people with whom SCENARIO meets targets, or the best use of a number.",
    ),
    "sweep": (
        "sweep",
        "Work a scenario out at many points: over parameters, reforms and scenarios.",
    ),
    "transition": (
        "transition",
        "Replay SCENARIO, start reforms on their dates, and follow the open cases.",
    ),
}
"""Package of each command in `sim.studies`, and the first line of its help; a test compares it
with the command."""


class Commands(click.Group):
    """The commands, each imported when it is called: numba and pandas take a second to import."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Return the names of the commands.

        Parameters
        ----------
        ctx
            Context of click, not used.

        Returns
        -------
        list of str
            In alphabetical order.
        """
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command.

        Parameters
        ----------
        ctx
            Context of click, not used.
        cmd_name
            Name of the command.

        Returns
        -------
        click.Command or None
            None if there is no command of that name.
        """
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"sim.studies.{COMMANDS[cmd_name][0]}.command")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands with the first line of their help, without importing them.

        Parameters
        ----------
        ctx
            Context of click, not used.
        formatter
            Receives the list.
        """
        width = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, click.Command(name, help=text).get_short_help_str(width))
                    for name, (_, text) in COMMANDS.items()
                ]
            )


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="hall-simulator")
def hall() -> None:
    """Simulate a government one-stop service hall, and compare reforms before making them.

    SCENARIO is a name in scenarios/ or the path of a YAML file, with reforms added by a plus
    sign: county, county+full-authorization, my/hall.yaml+full-entry.
    """


def main() -> None:
    """Run the command, and end the process without freeing memory.

    Everything is written and closed by then.  Freeing half a million blocks one by one would take
    nearly a second, and collecting garbage while they are made a tenth of the time before the first
    replication.
    """
    gc.set_threshold(GARBAGE_AFTER)
    try:
        stop_as_ctrl_c()
        make_readable()
        code = _code_of_hall()
        ignore_stops()
        sys.stdout.flush()
    except KeyboardInterrupt:  # in the moment before the command begins or after it has ended
        code = INTERRUPTED
    except BrokenPipeError:  # a reader that has gone, such as `head`
        code = FAILED
    except OutputError as error:
        _tell("done.no_output", why=error)
        code = FAILED
    ignore_stops()
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
    """Print a text in the language that was asked for, whether or not options were read."""
    from sim.present.words import say  # noqa: PLC0415

    lang = "zh" if {"zh", "--lang=zh"} & set(sys.argv) else "en"
    print(say(key, lang, **values), file=sys.stderr)  # type: ignore[arg-type]
