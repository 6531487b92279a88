"""Command that asks how far results depend on estimates: `hall sensitivity`."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import click
import pandas as pd
from matplotlib.figure import Figure
from rich.table import Table

from sim.cli.options import load_all
from sim.cli.study_options import Options, with_experiment
from sim.measure.definitions import Language, headline
from sim.running.result_folder import write_csv, write_manifest
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem
from sim.studies.sensitivity import robustness as flips
from sim.studies.sensitivity import said as present
from sim.studies.sensitivity.charts import indices_charts, tornado_charts
from sim.studies.sensitivity.estimates import (
    MEASURES,
    Factor,
    LeftOut,
    check_indicators,
    chosen,
    refused_ends,
)
from sim.studies.sensitivity.indices import Indices, Means, morris, sobol
from sim.studies.sensitivity.study import SensitivityRequest, overloads_of, sweep

DEFAULT_INDICATORS = ("all_elapsed_mean_wd", "hall_wait_mean_min")
FEW = 4
"""Replications at each of the many points of Morris and Sobol, unless told otherwise."""
MOST_SAMPLES = 65_536
MOST_VARIED = 6
"""Parameters that Sobol takes by default."""

Method = Literal["tornado", "morris", "sobol"]


@click.command()
@click.argument("base")
@click.argument("scenario", required=False)
@click.option(
    "--method",
    type=click.Choice(["tornado", "morris", "sobol"]),
    default="tornado",
    show_default=True,
    help="One estimate at a time; elementary effects; or shares of the variance.",
)
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH[=LOW:HIGH]",
    help="A parameter, over its plausible range or another; may be repeated "
    "[every estimate that has a range].",
)
@click.option(
    "--indicator",
    "names",
    multiple=True,
    metavar="ID",
    help="A figure to judge by, or headline for all of those; may be repeated "
    "[everyone's elapsed time and the wait in the hall].",
)
@click.option(
    "--trajectories",
    type=click.IntRange(2, MOST_SAMPLES),
    default=10,
    show_default=True,
    help="Paths of Morris; each takes a point per parameter and one more.",
)
@click.option(
    "--samples",
    type=click.IntRange(8, MOST_SAMPLES),
    default=64,
    show_default=True,
    help="Samples of Sobol, a power of 2; each takes a point per parameter and two more.",
)
@with_experiment
def sensitivity(
    base: str,
    scenario: str | None,
    method: Method,
    vary: tuple[str, ...],
    names: tuple[str, ...],
    trajectories: int,
    samples: int,
    options: Options,
) -> None:
    """Find the estimates that BASE, or what SCENARIO changes against it, rests on.

    With SCENARIO, say for each estimate whether the verdict holds over its plausible range, and
    at which value it turns.  A SCENARIO that begins with a plus sign is BASE with those reforms.
    """
    asked = _ask(base, scenario, method, vary, names, samples, options)
    began = time.monotonic()
    hall, *others = asked.scenarios
    with options.runner(hall) as runner:
        many = options.replications or (options.many(hall) if method == "tornado" else FEW)
        request = SensitivityRequest(runner, hall, next(iter(others), None), many, asked.indicators)
        if method == "tornado":
            found = _tornado(request, asked)
        else:
            size = trajectories if method == "morris" else samples
            found = _indices(request, asked, method, size)
    _tell(found, request, options, method, time.monotonic() - began)


@dataclass(frozen=True)
class _Asked:
    """What the options say, checked."""

    scenarios: tuple[Scenario, ...]
    factors: tuple[Factor, ...]
    left_out: tuple[LeftOut, ...]
    named: bool
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """What goes to the folder, to the terminal and into the document."""

    frames: dict[str, pd.DataFrame]
    replications: pd.DataFrame
    charts: Mapping[str, Callable[[Language], Figure]]
    sentences: Callable[[Language], Iterator[str]]
    tables: Callable[[Language], Iterator[Table]]
    factors: Sequence[Factor]
    left_out: Sequence[LeftOut]


def _ask(
    base: str,
    scenario: str | None,
    method: Method,
    vary: tuple[str, ...],
    names: tuple[str, ...],
    samples: int,
    options: Options,
) -> _Asked:
    """Check everything that is asked before any time is spent."""
    wanted: list[str] = []
    for name in names or DEFAULT_INDICATORS:
        wanted += [one.id for one in headline()] if name == "headline" else [name]
    problems = check_indicators(wanted)
    if method == "sobol" and samples & (samples - 1):
        near = 2 ** round(math.log2(samples))
        problems.append(Problem("--samples", None, f"{samples}", f"a power of 2, such as {near}"))
    loaded: list[Scenario] = []
    factors: list[Factor] = []
    left_out: list[LeftOut] = []
    try:
        loaded = load_all([base, *_other(base, scenario)], options.values)
    except InputError as error:
        problems = [*error.problems, *problems]
    if loaded:
        factors, left_out, mistakes = chosen(loaded[0], vary)
        problems += mistakes
        if not (factors or mistakes):
            allowed = "estimates with a range under sources:, or --vary PATH=LOW:HIGH"
            problems.append(Problem(base, None, "no estimate has a range", allowed))
    if problems:
        raise InputError(problems)
    unique = tuple(dict.fromkeys(wanted))
    return _Asked(tuple(loaded), tuple(factors), tuple(left_out), bool(vary), unique)


def _other(base: str, scenario: str | None) -> list[str]:
    if scenario is None:
        return []
    return [base + scenario if scenario.startswith("+") else scenario]


def _tornado(request: SensitivityRequest, asked: _Asked) -> _Found:

    found = sweep(request, asked.factors)
    robustness = [] if request.scenario is None else flips.flips(found)
    frames = {"tornado": found.frame()}
    if robustness:
        frames["flips"] = flips.frame(robustness)
    overloaded = overloads_of(found)

    def sentences(lang: Language) -> Iterator[str]:
        yield from present.tornado_answer(found, robustness, lang)
        if robustness:
            yield from present.flips_answer(found, robustness, lang)
        yield from present.overload_sentences(overloaded, lang)

    def tables(lang: Language) -> Iterator[Table]:
        for name in request.indicators:
            yield present.tornado_table(found, name, robustness, lang)

    left_out = [*asked.left_out, *request.held(asked.factors), *found.left_out]
    charts = tornado_charts(found, robustness)
    return _Found(frames, found.replications(), charts, sentences, tables, asked.factors, left_out)


def _indices(request: SensitivityRequest, asked: _Asked, method: Method, size: int) -> _Found:
    """Run Morris or Sobol over the factors named, or those that a first look ranks."""
    refused = refused_ends(request.scenarios, asked.factors)
    without = {one.path.partition("=")[0] for one in refused}
    factors = [one for one in asked.factors if one.path not in without]
    if not asked.named:
        factors = [one for one in factors if one.path not in MEASURES]
        if method == "sobol":
            factors = sweep(request, factors).ranked()[:MOST_VARIED] or factors[:MOST_VARIED]
    means = Means(request, factors)
    judge = morris if method == "morris" else sobol
    tables = judge(means, factors, size, request.runner.seed)
    found = [
        Indices(method, name, table) for name, table in zip(request.indicators, tables, strict=True)
    ]

    def sentences(lang: Language) -> Iterator[str]:
        yield from present.indices_answer(found, request, size, lang)
        yield from present.chance_sentences(means.chance(), lang)

    return _Found(
        {method: present.indices_frame(found)},
        means.replications(),
        indices_charts(found, request, len(means.points)),
        sentences,
        lambda lang: (present.indices_table(one, request, factors, lang) for one in found),
        factors,
        [*asked.left_out, *request.held(factors), *refused],
    )


def _tell(
    found: _Found, request: SensitivityRequest, options: Options, method: Method, seconds: float
) -> None:
    """Write the folder, then say what was found."""
    lang = options.lang
    warned = list(present.cautions(request, found.left_out, lang))

    def fill(draft: Path) -> None:

        for name, frame in found.frames.items():
            write_csv(frame, draft / f"{name}.csv")
        left_out = pd.DataFrame([asdict(one) for one in found.left_out])
        left_out = left_out.reindex(columns=["path", "reason", "told"])
        write_csv(left_out, draft / "left_out.csv")
        found.replications.to_parquet(draft / "replications.parquet", index=False)
        write_manifest(
            draft,
            request.scenarios,
            sys.argv,
            seconds,
            method=method,
            seed=request.runner.seed,
            replications=request.replications,
            indicators=list(request.indicators),
            parameters=[one.path for one in found.factors],
            cautions=warned,
        )

    name = f"{request.scenarios[-1].name}-sensitivity"
    folder = options.write(name, request.base, fill, found.charts)
    options.tell(
        folder,
        lambda: _document(found, request, method),
        found.sentences(lang),
        found.tables(lang),
        cautions=warned,
    )


def _document(found: _Found, request: SensitivityRequest, method: Method) -> dict[str, Any]:
    other = request.scenario
    return {
        "baseline": request.base.name,
        "scenario": None if other is None else other.name,
        "method": method,
        "replications": request.replications,
        **{
            name: json.loads(frame.to_json(orient="records"))
            for name, frame in found.frames.items()
        },
        "left_out": [asdict(one) for one in found.left_out],
    }
