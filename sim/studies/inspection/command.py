"""Commands that inspect a scenario without running an experiment."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sim.cli.options import (
    SEED,
    mistakes_told,
    open_console,
    with_language,
    with_values,
)
from sim.measure.definitions import Language
from sim.scenario.load import load
from sim.scenario.schema import Settings
from sim.scenario.yaml_lines import json_schema
from sim.studies.inspection.said import (
    assumptions_table,
    case_tables,
    check_lines,
    columns_table,
    indicators_table,
    route,
)


@click.command()
@click.argument("scenario")
@with_values
@with_language
def check(scenario: str, values: tuple[str, ...], lang: Language) -> None:
    """List every problem of SCENARIO, or say what was loaded."""
    with mistakes_told():
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
        first = load(scenario, values)
        if item is not None:
            for line in route(first, item, lang, out or Path("results")):
                click.echo(line)
        if case is not None:
            scenarios = [first, *([load(against, values)] if against else [])]
            console = open_console()
            for table in case_tables(scenarios, case, seed, lang):
                console.print(table)


@click.command()
@with_language
def indicators(lang: Language) -> None:
    """List every figure and what it means."""
    open_console().print(indicators_table(lang))


@click.command()
@click.argument("scenario")
@with_values
@with_language
def assumptions(scenario: str, values: tuple[str, ...], lang: Language) -> None:
    """List every parameter of SCENARIO with its grade and source, estimates first."""
    with mistakes_told():
        open_console().print(assumptions_table(load(scenario, values), lang))


@click.command()
def schema() -> None:
    """Print the JSON Schema of a scenario, for editors that complete YAML."""
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **json_schema(Settings)}
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@click.command()
@click.argument("table", required=False)
@with_language
def columns(table: str | None, lang: Language) -> None:
    """Say what every column of TABLE means, or which tables there are."""
    with mistakes_told():
        open_console().print(columns_table(table, lang))
