"""`hall calibrate`: fit the parameters of a calibration file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli import INTERRUPTED
from sim.cli.options import WORKERS, as_read, with_language
from sim.cli.study_options import running, with_cells
from sim.measure.definitions import Language
from sim.running.runner import StoppedError
from sim.scenario.load import load
from sim.studies.calibration import say
from sim.studies.calibration.study import recalibrate


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
        loaded = load(scenario)
        # The seed is the plan's.
        with running(lang, seed=0, jobs=jobs, cells=cells, quiet=True) as runner:
            try:
                path = recalibrate(loaded, runner, lambda line: click.echo(line, err=True))
            except (StoppedError, KeyboardInterrupt):
                click.echo(say("done.uncalibrated", lang), err=True)
                sys.exit(INTERRUPTED)
        click.echo(str(path))
