"""`hall clean`: list what commands left on disk, and remove what is old."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sim.cli.options import mistakes_told, open_console, with_language
from sim.cli.study_options import with_cells
from sim.measure.definitions import Language
from sim.running import housekeeping
from sim.studies.cleaning.said import document, sentence, table

KINDS = ("cells", "drafts", "results", "ensembles", "code")


@click.command()
@click.argument("kinds", nargs=-1, type=click.Choice(KINDS), metavar="[KIND …]")
@click.option(
    "--older-than",
    default="30d",
    show_default=True,
    metavar="AGE",
    help="Take away only what is older: hours, days or weeks, such as 12h, 30d or 4w.",
)
@click.option("--dry-run", is_flag=True, help="Take nothing away; say what would be.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder of results.",
)
@with_cells
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document only.")
@with_language
def clean(
    kinds: tuple[str, ...],
    older_than: str,
    dry_run: bool,  # noqa: FBT001  (click passes flags by name)
    out: Path,
    cells: Path,
    as_json: bool,  # noqa: FBT001
    lang: Language,
) -> None:
    """Say what commands left on disk and how much it is, and take away what is old.

    KINDs are cells, drafts of commands that were killed, results, ensembles (samples of
    halls) and machine code of other versions. Results and ensembles are taken away only if named.
    """
    with mistakes_told():
        age_s = housekeeping.read_age_s(older_than)
        leftovers = housekeeping.left_behind(out, cells)
        chosen = tuple(kind for kind in housekeeping.KINDS if kind in kinds)
        old = housekeeping.old_ones(leftovers, chosen or housekeeping.BY_DEFAULT, age_s)
        if not dry_run:
            housekeeping.take_away(old)
    if as_json:
        click.echo(json.dumps(document(leftovers, old, dry_run=dry_run), indent=1))
        return
    console = open_console()
    console.print(table(leftovers, old, lang))
    console.print(sentence(old, lang, age=older_than, dry_run=dry_run))
