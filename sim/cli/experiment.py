"""What the commands of experiments share: their options, their runner, how they stop."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    INTERRUPTED,
    as_read,
    draw_charts,
    open_console,
    with_running,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType

    from sim.engine.play import EngineName
    from sim.experiment.runner import Runner
    from sim.experiment.workers import WorkerKind
    from sim.measure.definitions import Language
    from sim.scenario.model import Scenario


@dataclass(frozen=True)
class Options:
    """Options of every experiment, as typed."""

    replications: int | None
    seed: int | None
    jobs: int | None
    engine: EngineName
    workers: WorkerKind | None
    scheduler: str | None
    cells: Path
    out: Path | None
    as_json: bool
    quiet: bool
    no_charts: bool
    values: tuple[str, ...]
    lang: Language

    def many(self, base: Scenario) -> int:
        """Return how many replications are asked for."""
        return self.replications or base.settings.experiment.replications

    def write(
        self,
        name: str,
        first: Scenario,
        fill: Callable[[Path], object],
        charts: Mapping[str, Callable[[Language], Figure]],
    ) -> Path:
        """Return a result folder of its own: what `fill` puts into it, then the charts."""
        from sim.experiment.save import run_folder, whole_folder  # noqa: PLC0415

        folder = whole_folder(run_folder(name, first, self.out), fill)
        if not self.no_charts:
            draw_charts(charts, folder, self.lang, quiet=self.quiet)
        return folder

    def tell(
        self,
        folder: Path,
        document: Callable[[], object],
        sentences: Iterable[str],
        tables: Iterable[RenderableType],
        *,
        cautions: Iterable[str] = (),
        paths: Iterable[str] = (),
    ) -> None:
        """Say what was found: one JSON document, or sentences, tables and where the files are.

        Cautions go to standard error; `paths` are lines that are to be copied, so not wrapped.
        """
        from sim.present.words import say  # noqa: PLC0415

        for line in cautions:
            click.echo(line, err=True)
        if self.as_json:
            click.echo(json.dumps(document(), ensure_ascii=False, indent=1))
            return
        console = open_console()
        for sentence in sentences:
            console.print(sentence)
        console.print()
        for table in tables:
            console.print(table)
        for line in (*paths, say("done.files", self.lang, folder=folder)):
            console.print(line, soft_wrap=True)

    @contextmanager
    def runner(self, base: Scenario) -> Iterator[Runner]:
        """Yield a runner that shows its progress and keeps its cells.

        Ctrl-C says what is kept, if anything is, and leaves.
        """
        from sim.experiment.cells import Cells  # noqa: PLC0415
        from sim.experiment.runner import Runner, StoppedError  # noqa: PLC0415
        from sim.experiment.save import check_writable  # noqa: PLC0415
        from sim.experiment.workers import Workers  # noqa: PLC0415
        from sim.native import is_kept  # noqa: PLC0415
        from sim.present.progress import progress_bar  # noqa: PLC0415
        from sim.present.words import say  # noqa: PLC0415

        check_writable(self.out or Path("results"))
        check_writable(self.cells)
        if self.engine == "compiled" and self.scheduler is None and not is_kept("compiled._run"):
            click.echo(say("engine.first_time", self.lang), err=True)
        kind = self.workers or Workers.best_for(self.engine).kind
        cells = Cells(self.cells)
        try:
            with progress_bar(self.lang, quiet=self.quiet) as tell:
                yield Runner(
                    seed=base.settings.experiment.seed if self.seed is None else self.seed,
                    engine=self.engine,
                    workers=Workers(self.jobs, kind, self.scheduler),
                    cells=cells,
                    progress=tell,
                )
        except StoppedError as stopped:
            told = {"finished": stopped.finished, "asked": stopped.asked, "folder": self.cells}
            click.echo(say("experiment.stopped", self.lang, **told), err=True)
            sys.exit(INTERRUPTED)
        except KeyboardInterrupt:
            click.echo(say("done.nothing", self.lang), err=True)
            sys.exit(INTERRUPTED)
        finally:
            for path in sorted(cells.damaged):
                click.echo(say("cells.damaged", self.lang, path=path), err=True)


def with_experiment(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of experiments; the command gets them as `options`, mistakes are told."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> None:
        named = {field.name: given.pop(field.name) for field in fields(Options)}
        with as_read(named["lang"]):
            command(**given, options=Options(**named))

    for option in (
        click.option(
            "--cells",
            type=click.Path(path_type=Path),
            default=Path("results/cells"),
            show_default=True,
            help="Folder that keeps finished cells; what lies there is not worked out again.",
        ),
        click.option(
            "--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers do the work."
        ),
        click.option(
            "--workers",
            type=click.Choice(["threads", "processes"]),
            help="Kind of local workers; changes no number.",
        ),
    ):
        wrapped = option(wrapped)
    return with_running(wrapped)
