"""Commands that look at a scenario without running it, and `hall calibrate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.experiment import running, with_cells
from sim.cli.options import (
    INTERRUPTED,
    SEED,
    WORKERS,
    as_read,
    mistakes_told,
    open_console,
    with_language,
    with_values,
)

if TYPE_CHECKING:
    from sim.measure.definitions import Language


@click.command()
@click.argument("scenario")
@with_values
@with_language
def check(scenario: str, values: tuple[str, ...], lang: Language) -> None:
    """List every problem of SCENARIO, or say what was loaded."""
    with mistakes_told():
        from sim.present.look import check_lines  # noqa: PLC0415
        from sim.scenario.load import load  # noqa: PLC0415

        loaded = load(scenario, values)
        loaded.rivals()  # `hall compare` loads them too
        for line in check_lines(loaded, lang):
            click.echo(line)


@click.command()
@click.argument("scenario")
@click.option("--item", metavar="ID", help="Show the route that an item takes and why.")
@click.option("--case", "case", metavar="ITEM:K", help="Tell one applicant's dated story.")
@click.option("--against", metavar="SCENARIO", help="Tell the story in this scenario as well.")
@click.option("--seed", type=SEED, help="Seed of all chance.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the picture [results].")
@with_values
@with_language
def explain(
    scenario: str,
    item: str | None,
    case: str | None,
    against: str | None,
    seed: int | None,
    out: Path | None,
    values: tuple[str, ...],
    lang: Language,
) -> None:
    """Show the route of an item, or one applicant's story, in SCENARIO."""
    if (item is None) == (case is None):
        raise click.UsageError("give either --item ID or --case ITEM:K")
    with mistakes_told():
        from sim.present.look import route, stories  # noqa: PLC0415
        from sim.scenario.load import load  # noqa: PLC0415

        first = load(scenario, values)
        if item is not None:
            for line in route(first, item, lang, out or Path("results")):
                click.echo(line)
        if case is not None:
            scenarios = [first, *([load(against, values)] if against else [])]
            console = open_console()
            for table in stories(scenarios, case, seed, lang):
                console.print(table)


@click.command()
@with_language
def indicators(lang: Language) -> None:
    """List every figure and what it means."""
    from sim.present.look import indicators_table  # noqa: PLC0415

    open_console().print(indicators_table(lang))


@click.command()
@click.argument("scenario")
@with_values
@with_language
def assumptions(scenario: str, values: tuple[str, ...], lang: Language) -> None:
    """List every parameter of SCENARIO with its grade and source, estimates first."""
    with mistakes_told():
        from sim.present.look import assumptions_table  # noqa: PLC0415
        from sim.scenario.load import load  # noqa: PLC0415

        open_console().print(assumptions_table(load(scenario, values), lang))


@click.command()
def schema() -> None:
    """Print the JSON Schema of a scenario, for editors that complete YAML."""
    from sim.scenario.provenance import schema_json  # noqa: PLC0415

    click.echo(json.dumps(schema_json(), ensure_ascii=False, indent=2))


@click.command()
@click.argument("scenario")
@click.option("--jobs", "-j", type=WORKERS, help="Workers; changes no number.")
@with_cells
@with_language
def calibrate(scenario: str, jobs: int | None, cells: Path, lang: Language) -> None:
    """Refit the calibration file that SCENARIO names to the figures of its report.

    An interrupted fit leaves the file as it was; the same command goes on where it stopped.
    """
    with as_read(lang):
        from sim.experiment.calibrate import recalibrate  # noqa: PLC0415
        from sim.present.words import say  # noqa: PLC0415
        from sim.running.runner import StoppedError  # noqa: PLC0415
        from sim.scenario.load import load  # noqa: PLC0415

        loaded = load(scenario)
        # The seed is the plan's.
        with running(lang, seed=0, jobs=jobs, cells=cells, quiet=True) as runner:
            try:
                path = recalibrate(loaded, runner, lambda line: click.echo(line, err=True))
            except (StoppedError, KeyboardInterrupt):
                click.echo(say("done.uncalibrated", lang), err=True)
                sys.exit(INTERRUPTED)
        click.echo(str(path))
