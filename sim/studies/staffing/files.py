"""The staffing plan as a reform file; its tables as data frames, JSON and files."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from sim.running.result_folder import write_csv, write_manifest
from sim.studies.findings import Frames, Record
from sim.studies.staffing.search import Trial
from sim.studies.staffing.study import Finalist, StaffingResults

TITLE = {"en": "Staffing plan of {n} people", "zh": "{n}人配置方案"}
NOTE = {
    "en": "Found by hall staff for {base}; targets: {targets}.",
    "zh": "由 hall staff 为 {base} 求得；目标：{targets}。",
}


def plan_yaml(results: StaffingResults) -> str:
    """Return the chosen plan as the text of a reform file.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    str
        YAML that sets the people of every post under ``policy``.
    """
    targets = ", ".join(str(target) for target in results.request.targets)
    policy: dict[str, dict[str, int]] = {}
    for post, number in zip(results.posts, results.chosen.plan, strict=True):
        policy.setdefault(post.field, {})[post.unit] = number
    document = {
        "title": {lang: text.format(n=results.chosen.people) for lang, text in TITLE.items()},
        "note": {
            lang: text.format(base=results.base.name, targets=targets)
            for lang, text in NOTE.items()
        },
        "policy": policy,
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def _plan_frame(results: StaffingResults) -> pd.DataFrame:
    """Return the people of each post: today, in the plan, and the fewest and most allowed."""
    rows = [
        {
            "place": "windows" if post.field == "staff" else "offices",
            "unit": post.unit,
            "now": post.now,
            "plan": number,
            "change": number - post.now,
            "least": post.low,
            "most": post.high,
            "offered_load": round(post.load, 3),
        }
        for post, number in zip(results.posts, results.chosen.plan, strict=True)
    ]
    return pd.DataFrame(rows)


def _trials_frame(results: StaffingResults) -> pd.DataFrame:
    """Return every plan that the search measured, in order; with a column per post."""

    def row(number: int, trial: Trial) -> dict[str, object]:
        return {
            "trial": number,
            "people": trial.people,
            **dict(zip(_figures(results), map(float, trial.values), strict=True)),
            "violation": results.request.goal.violation(trial.values),
            **_people(results, trial.plan),
        }

    return pd.DataFrame(
        [row(number, trial) for number, trial in enumerate(results.search_result.trials, 1)]
    )


def _finalists_frame(results: StaffingResults) -> pd.DataFrame:
    """Return today's people and the finalists, the chosen one first among them."""
    finalists = ((str(rank), finalist) for rank, finalist in enumerate(results.finalists, 1))
    plans = [("today", results.today), *finalists]
    return pd.DataFrame(
        [
            {
                "plan": name,
                "people": finalist.people,
                "verdict": str(finalist.verdict),
                **_standings(results, finalist),
                **_people(results, finalist.plan),
            }
            for name, finalist in plans
        ]
    )


def frames(results: StaffingResults) -> Frames:
    """Return every table of the study.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    Frames
        By name: ``plan``, ``trials``, ``finalists`` and ``gains``.
    """
    return Frames(
        {
            "plan": lambda: _plan_frame(results),
            "trials": lambda: _trials_frame(results),
            "finalists": lambda: _finalists_frame(results),
            "gains": lambda: results.effects.gains,
        }
    )


def save(results: StaffingResults, folder: Path, record: Record) -> None:
    """Write the reform, the tables and the manifest into a folder that exists.

    Parameters
    ----------
    results
        Results of the study.
    folder
        Result folder; it gets ``plan.yaml``, a CSV file per table and ``manifest.json``.
    record
        Seed, duration and command line, for the manifest.
    """
    (folder / "plan.yaml").write_text(plan_yaml(results), encoding="utf-8")
    for name, frame in frames(results).items():
        write_csv(frame, folder / f"{name}.csv")
    request = results.request
    write_manifest(
        folder,
        [results.base],
        record.command,
        record.seconds,
        seed=results.seed,
        replications=results.replications,
        plans_measured=len(results.search_result.trials),
        targets=[str(target) for target in request.targets],
        figure=request.figure,
        where=request.where,
        people=request.people,
        least_officers=request.least_officers,
        confidence=request.confidence,
    )


def document(results: StaffingResults, folder: Path | None) -> dict[str, Any]:
    """Return the content of the JSON document.

    Parameters
    ----------
    results
        Results of the study.
    folder
        Result folder that holds ``plan.yaml``; None if nothing was written.

    Returns
    -------
    dict
        Only dicts, lists, strings, numbers, booleans and None; None also for an unknown mean or
        bound, if no finalist has fewer people, or if no selection was made.
    """
    request, selection = results.request, results.selection
    fewer = results.fewer
    return {
        "scenario": results.base.name,
        "targets": [str(target) for target in request.targets],
        "figure": request.figure,
        "where": request.where,
        "people_now": results.today.people,
        "people": results.chosen.people,
        "verdict": str(results.chosen.verdict),
        "confidence": request.confidence,
        "replications": results.replications,
        "plans_measured": len(results.search_result.trials),
        "budget_used_up": results.search_result.used_up,
        "today": _standings(results, results.today),
        "chosen": _standings(results, results.chosen),
        "one_fewer": None
        if fewer is None
        else {
            "people": fewer.people,
            "verdict": str(fewer.verdict),
            **_standings(results, fewer),
        },
        "selection": None
        if selection is None
        else {
            "plans": len(results.rivals),
            "indifference": selection.procedure.indifference,
            "probability": selection.procedure.confidence,
            "replications": list(selection.replications),
            "capped": selection.capped,
        },
        "plan": json.loads(_plan_frame(results).to_json(orient="records")),
        "reform": None if folder is None else str(folder / "plan.yaml"),
    }


def _figures(results: StaffingResults) -> list[str]:
    """Return a column name for each target and then for the figure, all different."""
    names = [str(target.indicator) for target in results.request.targets]
    doubled = [f"{name} ({n})" if name in names[:n] else name for n, name in enumerate(names)]
    figure = results.request.figure
    return [*doubled, f"{figure} (figure)" if figure in doubled else figure]


def _people(results: StaffingResults, plan: tuple[int, ...]) -> dict[str, int]:
    return {
        f"{post.field}.{post.unit}": number
        for post, number in zip(results.posts, plan, strict=True)
    }


def _standings(results: StaffingResults, finalist: Finalist) -> dict[str, float | None]:
    """Return mean and bounds for each target, and the mean of the figure, by column."""
    row: dict[str, float | None] = {}
    for name, standing in zip(_figures(results), finalist.feasibility.standings, strict=False):
        for part in ("mean", "low", "high"):
            value = float(getattr(standing, part))
            row[f"{name}_{part}" if part != "mean" else name] = None if math.isnan(value) else value
    mean = float(finalist.values[:, -1].mean())  # noqa: PD011  (no frame)
    row[_figures(results)[-1]] = None if math.isnan(mean) else mean
    return row
