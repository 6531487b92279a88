"""How the commands of studies show results."""

from __future__ import annotations

import json
import time

import click

from sim.cli.options import draw_charts, open_console
from sim.cli.study_options import Options
from sim.present.words import say
from sim.studies.findings import Findings, Presentation, Record, ResultT


def show(
    presentation: Presentation[ResultT],
    result: ResultT,
    options: Options,
    *,
    seed: int,
    seconds: float | None = None,
) -> None:
    """Write the result folder, then print the results.

    That is one JSON document, or sentences, tables and where the files are; cautions go to standard
    error.

    Parameters
    ----------
    presentation
        Functions of the study that present its results.
    result
        Results of the study.
    options
        Options as typed.
    seed
        Seed of all random numbers.
    seconds
        Duration in seconds; since the command began if None.
    """
    lang = options.lang
    spent = options.seconds if seconds is None else seconds
    findings = Findings(presentation, result, Record(seed, spent, lang=lang))
    folder = findings.write_tables(options.out)
    if not options.no_charts:
        draw_charts(presentation.charts(result), folder, lang, quiet=options.quiet)
    for line in findings.cautions(lang):
        click.echo(line, err=True)
    if options.as_json:
        click.echo(json.dumps(findings.document(folder), ensure_ascii=False, indent=1))
        return
    console = open_console()
    for sentence in findings.answer(lang):
        console.print(sentence)
    console.print()
    for table in presentation.tables(result, lang):
        console.print(table)
    for line in (*presentation.paths(result, folder, lang), say("done.files", lang, folder=folder)):
        console.print(line, soft_wrap=True)


class Stopwatch:
    """Measures how long a study takes, without loading its scenarios and showing its results."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the stopwatch was made."""
        return time.monotonic() - self._began
