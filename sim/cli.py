"""The command `hall`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from sim.engine.play import EngineName
    from sim.experiment.results import Results
    from sim.measure.definitions import Language
    from sim.process.load import Load
    from sim.scenario.model import Scenario

USER_MISTAKE = 2
INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="hall-simulator")
def hall() -> None:
    """Simulate a government one-stop service hall, and compare reforms before making them.

    SCENARIO is a name in scenarios/ or the path of a YAML file, with reforms added by a plus
    sign: county, county+full-authorization, my/hall.yaml+full-entry.
    """


def _language(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the output."
    )(command)


def _values(command: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--set",
        "values",
        multiple=True,
        metavar="PATH=VALUE",
        help="Set one value, such as policy.authorization=0.6; may be repeated.",
    )(command)


def _running(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of commands that run simulations."""
    for option in reversed(
        [
            click.option(
                "--replications", "-n", type=click.IntRange(1), help="Histories to simulate."
            ),
            click.option("--seed", type=click.IntRange(0), help="Seed of all chance."),
            click.option(
                "--jobs", "-j", type=click.IntRange(1), help="Workers; changes no number."
            ),
            click.option(
                "--engine",
                type=click.Choice(["compiled", "reference"]),
                default="compiled",
                show_default=True,
                help="Engine that runs the model; changes no number.",
            ),
            click.option(
                "--out", type=click.Path(path_type=Path), help="Folder for results [results]."
            ),
            click.option("--json", "as_json", is_flag=True, help="Print one JSON document only."),
            click.option("--quiet", "-q", is_flag=True, help="No progress."),
            click.option("--no-charts", is_flag=True, help="Write no charts."),
        ]
    ):
        command = option(command)
    return _language(_values(command))


@contextmanager
def _mistakes_told() -> Iterator[None]:
    """Print a user's mistakes, all of them, and leave with exit code 2."""
    from sim.scenario.problems import HallError, InputError  # noqa: PLC0415

    try:
        yield
    except InputError as error:
        for problem in error.problems:
            click.echo(f"{problem}", err=True)
        sys.exit(USER_MISTAKE)
    except HallError as error:
        click.echo(f"{error}", err=True)
        sys.exit(USER_MISTAKE)


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=160)
    return console


# Commands that look -----------------------------------------------------------------------


@hall.command()
@click.argument("scenario")
@_values
@_language
def check(scenario: str, values: tuple[str, ...], lang: Language) -> None:
    """List every problem of SCENARIO, or say what was loaded."""
    with _mistakes_told():
        from sim.present.look import check_lines  # noqa: PLC0415
        from sim.scenario.load import load  # noqa: PLC0415

        for line in check_lines(load(scenario, values), lang):
            click.echo(line)


@hall.command()
@click.argument("scenario")
@click.option("--item", metavar="ID", help="Show the route that an item takes and why.")
@click.option("--case", "case", metavar="ITEM:K", help="Tell one applicant's dated story.")
@click.option("--against", metavar="SCENARIO", help="Tell the story in this scenario as well.")
@click.option("--seed", type=click.IntRange(0), help="Seed of all chance.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the picture [results].")
@_values
@_language
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
    with _mistakes_told():
        from sim.present.look import route, stories  # noqa: PLC0415
        from sim.scenario.load import load  # noqa: PLC0415

        first = load(scenario, values)
        if item is not None:
            for line in route(first, item, lang, out or Path("results")):
                click.echo(line)
        if case is not None:
            scenarios = [first, *([load(against, values)] if against else [])]
            console = _console()
            for table in stories(scenarios, case, seed, lang):
                console.print(table)


@hall.command()
@_language
def indicators(lang: Language) -> None:
    """List every figure and what it means."""
    from sim.present.look import indicators_table  # noqa: PLC0415

    _console().print(indicators_table(lang))


@hall.command()
@click.argument("scenario")
@_values
@_language
def assumptions(scenario: str, values: tuple[str, ...], lang: Language) -> None:
    """List every parameter of SCENARIO with its grade and source, estimates first."""
    with _mistakes_told():
        from sim.present.look import assumptions_table  # noqa: PLC0415
        from sim.scenario.load import load  # noqa: PLC0415

        _console().print(assumptions_table(load(scenario, values), lang))


@hall.command()
def schema() -> None:
    """Print the JSON Schema of a scenario, for editors that complete YAML."""
    from sim.scenario.provenance import schema_json  # noqa: PLC0415

    click.echo(json.dumps(schema_json(), ensure_ascii=False, indent=2))


@hall.command()
@click.argument("scenario")
@click.option("--jobs", "-j", type=click.IntRange(1), help="Workers; changes no number.")
def calibrate(scenario: str, jobs: int | None) -> None:
    """Refit the calibration file that SCENARIO names to the figures of its report."""
    with _mistakes_told():
        from sim.experiment.calibrate import recalibrate  # noqa: PLC0415
        from sim.scenario.load import load  # noqa: PLC0415

        path = recalibrate(load(scenario), jobs=jobs, say=lambda line: click.echo(line, err=True))
        click.echo(str(path))


# Commands that run ------------------------------------------------------------------------


@hall.command()
@click.argument("scenario")
@_running
def run(scenario: str, **options: Any) -> None:
    """Simulate SCENARIO and show how it does, beside the report if it has one."""
    with _mistakes_told():
        _execute([scenario], rivals=False, **options)


@hall.command()
@click.argument("base")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO [SCENARIO …]")
@click.option("--no-rivals", is_flag=True, help="Skip the other explanations of the report.")
@_running
def compare(base: str, scenarios: tuple[str, ...], no_rivals: bool, **options: Any) -> None:  # noqa: FBT001  (click passes flags by name)
    """Compare every SCENARIO with BASE on the same applicants.

    A SCENARIO that begins with a plus sign is BASE with those reforms.
    """
    with _mistakes_told():
        others = [base + name if name.startswith("+") else name for name in scenarios]
        _execute([base, *others], rivals=not no_rivals, **options)


def _execute(  # noqa: PLR0913  (one argument per option)
    names: list[str],
    *,
    rivals: bool,
    replications: int | None,
    seed: int | None,
    jobs: int | None,
    engine: EngineName,
    out: Path | None,
    as_json: bool,
    quiet: bool,
    no_charts: bool,
    values: tuple[str, ...],
    lang: Language,
) -> None:
    from sim.experiment.run import run as simulate  # noqa: PLC0415
    from sim.experiment.save import check_writable  # noqa: PLC0415
    from sim.experiment.workers import Workers  # noqa: PLC0415
    from sim.native import is_kept  # noqa: PLC0415
    from sim.present.progress import progress_bar  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415

    loaded = _load_all(names, values)
    check_writable(out or Path("results"))
    if engine == "compiled" and not is_kept("compiled._run"):
        click.echo(say("engine.first_time", lang), err=True)
    began = time.monotonic()
    try:
        with progress_bar(lang, quiet=quiet) as tell:
            results = simulate(
                loaded,
                replications=replications,
                seed=seed,
                engine=engine,
                workers=Workers.best_for(engine, jobs),
                rivals=rivals,
                progress=tell,
            )
    except KeyboardInterrupt:
        click.echo(say("done.nothing", lang), err=True)
        sys.exit(INTERRUPTED)
    _tell(results, out, began, lang, as_json=as_json, quiet=quiet, no_charts=no_charts)
    if len(results.paired) < results.asked:
        sys.exit(INTERRUPTED)


def _load_all(names: list[str], values: tuple[str, ...]) -> list[Scenario]:
    """Load every scenario; the problems of all are told together.

    Raises
    ------
    InputError
        If any has problems, or two are the same.
    """
    from sim.scenario.load import load  # noqa: PLC0415
    from sim.scenario.problems import InputError, Problem  # noqa: PLC0415

    loaded, problems = [], []
    for name in names:
        try:
            loaded.append(load(name, values))
        except InputError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    doubled = {name for name in names if names.count(name) > 1}
    problems += [
        Problem(name, None, "the scenario is given twice", "each scenario once")
        for name in sorted(doubled)
    ]
    if problems:
        raise InputError(problems)
    return loaded


def _tell(
    results: Results,
    out: Path | None,
    began: float,
    lang: Language,
    *,
    as_json: bool,
    quiet: bool,
    no_charts: bool,
) -> None:
    from sim.experiment.save import result_folder, save  # noqa: PLC0415
    from sim.present import report  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415

    warned = list(report.cautions(results, _overloads(results), lang))
    folder = result_folder(results, out)

    def draw(charts: Path) -> None:
        from sim.present.charts import write_charts  # noqa: PLC0415

        if not quiet:
            click.echo(say("progress.charts", lang), err=True)
        write_charts(results, charts)

    save(
        results,
        folder,
        command=sys.argv,
        seconds=time.monotonic() - began,
        cautions=warned,
        draw=None if no_charts else draw,
    )
    for line in warned:
        click.echo(line, err=True)
    if as_json:
        click.echo(json.dumps(results.document(), ensure_ascii=False, indent=1))
        return
    console = _console()
    several = len(results.scenarios) > 1
    answer = report.compare_answer if several else report.run_answer
    for sentence in answer(results, lang):
        console.print(sentence)
    console.print()
    if several:
        console.print(report.differences_table(results, lang))
    else:
        table = report.report_table(results, lang)
        if table is not None:
            console.print(table)
        console.print(report.figures_table(results, lang))
    console.print(say("done.files", lang, folder=folder), soft_wrap=True)


def _overloads(results: Results) -> dict[str, list[Load]]:
    from sim.process.load import overloads  # noqa: PLC0415

    return {
        name: overloads(network)
        for name, network in zip(results.names, results.networks, strict=True)
    }


def main() -> None:
    """Run the command."""
    hall()
