"""What a staffing plan leaves behind: a reform, tables and a document."""

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
from sim.studies.staffing.study import Finalist, Staffing

TITLE = {"en": "Staffing plan of {n} people", "zh": "{n}人配置方案"}
NOTE = {
    "en": "Found by hall staff for {base}; targets: {aims}.",
    "zh": "由 hall staff 为 {base} 求得；目标：{aims}。",
}


def plan_yaml(result: Staffing) -> str:
    """Return the chosen plan as a reform file."""
    aims = ", ".join(str(aim) for aim in result.request.aims)
    policy: dict[str, dict[str, int]] = {}
    for post, number in zip(result.posts, result.chosen.plan, strict=True):
        policy.setdefault(post.field, {})[post.unit] = number
    document = {
        "title": {lang: text.format(n=result.chosen.people) for lang, text in TITLE.items()},
        "note": {
            lang: text.format(base=result.base.name, aims=aims) for lang, text in NOTE.items()
        },
        "policy": policy,
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def plan_frame(result: Staffing) -> pd.DataFrame:
    """Return the people of each post: today, in the plan, and what was allowed."""
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
        for post, number in zip(result.posts, result.chosen.plan, strict=True)
    ]
    return pd.DataFrame(rows)


def trials_frame(result: Staffing) -> pd.DataFrame:
    """Return every plan that the search measured, in order, a column per post."""

    def row(number: int, trial: Trial) -> dict[str, object]:
        return {
            "trial": number,
            "people": trial.people,
            **dict(zip(_figures(result), map(float, trial.values), strict=True)),
            "violation": result.request.goal.violation(trial.values),
            **_people(result, trial.plan),
        }

    return pd.DataFrame([row(number, one) for number, one in enumerate(result.found.trials, 1)])


def finalists_frame(result: Staffing) -> pd.DataFrame:
    """Return the plans that were judged on fresh replications, the chosen one first."""
    plans = [("today", result.today), *((str(n), one) for n, one in enumerate(result.finalists, 1))]
    return pd.DataFrame(
        [
            {
                "plan": name,
                "people": one.people,
                "verdict": str(one.verdict),
                **_standings(result, one),
                **_people(result, one.plan),
            }
            for name, one in plans
        ]
    )


def frames(result: Staffing) -> Frames:
    """Return every table.

    Parameters
    ----------
    result
        What was found.

    Returns
    -------
    dict of pandas.DataFrame
        By name.
    """
    return {
        "plan": plan_frame(result),
        "trials": trials_frame(result),
        "finalists": finalists_frame(result),
        "gains": result.effects.gains,
    }


def save(result: Staffing, folder: Path, record: Record) -> None:
    """Write the reform, the tables and the manifest into a folder that exists."""
    (folder / "plan.yaml").write_text(plan_yaml(result), encoding="utf-8")
    for name, frame in frames(result).items():
        write_csv(frame, folder / f"{name}.csv")
    request = result.request
    write_manifest(
        folder,
        [result.base],
        record.command,
        record.seconds,
        seed=result.seed,
        replications=result.replications,
        plans_measured=len(result.found.trials),
        targets=[str(aim) for aim in request.aims],
        figure=request.figure,
        where=request.where,
        people=request.people,
        least_officers=request.least_officers,
        confidence=request.confidence,
    )


def document(result: Staffing, folder: Path | None) -> dict[str, Any]:
    """Return what was found as plain data."""
    request, selection = result.request, result.selection
    fewer = result.fewer
    return {
        "scenario": result.base.name,
        "targets": [str(aim) for aim in request.aims],
        "figure": request.figure,
        "where": request.where,
        "people_now": result.today.people,
        "people": result.chosen.people,
        "verdict": str(result.chosen.verdict),
        "confidence": request.confidence,
        "replications": result.replications,
        "plans_measured": len(result.found.trials),
        "budget_used_up": result.found.used_up,
        "today": _standings(result, result.today),
        "chosen": _standings(result, result.chosen),
        "one_fewer": None
        if fewer is None
        else {
            "people": fewer.people,
            "verdict": str(fewer.verdict),
            **_standings(result, fewer),
        },
        "selection": None
        if selection is None
        else {
            "plans": len(result.rivals),
            "indifference": selection.procedure.indifference,
            "probability": selection.procedure.confidence,
            "replications": list(selection.replications),
            "capped": selection.capped,
        },
        "plan": json.loads(plan_frame(result).to_json(orient="records")),
        "reform": None if folder is None else str(folder / "plan.yaml"),
    }


def _figures(result: Staffing) -> list[str]:
    """Return a column name per target and for the figure, each once."""
    names = [str(aim.indicator) for aim in result.request.aims]
    doubled = [f"{name} ({n})" if name in names[:n] else name for n, name in enumerate(names)]
    figure = result.request.figure
    return [*doubled, f"{figure} (figure)" if figure in doubled else figure]


def _people(result: Staffing, plan: tuple[int, ...]) -> dict[str, int]:
    return {f"{p.field}.{p.unit}": n for p, n in zip(result.posts, plan, strict=True)}


def _standings(result: Staffing, one: Finalist) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name, standing in zip(_figures(result), one.judged.standings, strict=False):
        for part in ("mean", "low", "high"):
            value = float(getattr(standing, part))
            found[f"{name}_{part}" if part != "mean" else name] = (
                None if math.isnan(value) else value
            )
    mean = float(one.values[:, -1].mean())  # noqa: PD011  (no frame)
    found[_figures(result)[-1]] = None if math.isnan(mean) else mean
    return found
