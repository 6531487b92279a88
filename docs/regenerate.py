"""Run the county study and renew what depends on it: tables, pictures, the sample of results.

Run ``python docs/regenerate.py`` from the repository (two or three minutes on two cores).
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import sim
from sim.measure.definitions import headline, indicators
from sim.present.charts.folder import charts_of, write_all
from sim.present.numbers import change, digits, enough_decimals
from sim.scenario.load import load
from sim.studies.comparison.charts import CHARTS
from sim.studies.comparison.results import Results
from sim.studies.inspection.said import implied_lines

DOCS = Path(__file__).parent
SAMPLE = DOCS.parent / "results" / "sample"
READINGS = {
    "county": "B, stuck at steps",
    "county-stuck-case": "B, stuck by case",
    "county-suspended": "C, clocks stopped",
}
MISSES = {"county-slow": "A, uniformly slow", "county-off-books": "D, off the books"}
"""Explanations that do not fit, shipped with the figure they miss."""
REFORMS = {
    "full-authorization": "authorization",
    "full-entry": "entry",
    "full-authorization+full-entry": "both",
}
OTHERS = (
    "full-authorization",
    "one-review-one-signature",
    "strong-coordination",
    "weekly-coordination",
    "incentives",
    "clear-backlog",
)
OTHERS_SHOWN = ("all_elapsed_mean_wd", "all_visits_mean", "all_served_rate", "staff_min_per_case")
MARKS = {"better": "", "worse": "", "other cases": " ≠"}
REPLICATIONS = 100
PICTURES = ("where-the-days-go", "elapsed-time", "differences")


def main() -> None:
    studies = {name: study(name) for name in READINGS}
    misses = {
        title: sim.run(load(name), replications=REPLICATIONS, cases=0).result
        for name, title in MISSES.items()
    }
    tables = {
        "report": report_table(studies, misses),
        "implies": implies(),
        "two-by-two": two_by_two(studies),
        "others": others(),
        "worse": worse(studies["county"]),
        "breaks": breaks(studies["county"]),
    }
    page = DOCS / "county-study.md"
    text = page.read_text(encoding="utf-8")  # only now: who writes on it meanwhile loses nothing
    for mark, table in tables.items():
        text = re.sub(
            rf"(<!-- {mark} -->\n).*?(<!-- end -->)",
            lambda found, table=table: f"{found[1]}{table}\n{found[2]}",
            text,
            flags=re.DOTALL,
        )
    page.write_text(text, encoding="utf-8")
    for frame in ("indicators", "differences"):
        shown = getattr(studies["county"], frame)
        shown.to_csv(SAMPLE / f"{frame}.csv", index=False)
    with tempfile.TemporaryDirectory() as folder:
        write_all(charts_of(CHARTS, studies["county"]), Path(folder))
        for picture in PICTURES:
            for lang in ("en", "zh"):
                shutil.copy(Path(folder) / f"{picture}.{lang}.png", DOCS / "pictures")


def study(name: str) -> Results:
    scenarios = [load(name), *(load(f"{name}+{reform}") for reform in REFORMS)]
    return sim.compare(scenarios, replications=REPLICATIONS, rivals=False, halls=0, cases=0).result


def report_table(studies: Mapping[str, Results], misses: Mapping[str, Results]) -> str:
    """Set the report's figures beside those of the readings, and of what does not fit."""
    columns = {**{READINGS[name]: one for name, one in studies.items()}, **misses}
    lines = [row("Figure", "Report", *columns), row(*["---"] * (2 + len(columns)))]
    for figure, reported in load("county").settings.report.items():
        one = indicators()[figure]
        more = 1 if one.unit == "share" else 0
        found = [results.indicator(results.names[0], figure) for results in columns.values()]
        cells = [
            digits(cell["mean"], one.unit, more=more)
            + (
                f" (one history {digits(max(0, cell['history_low']), one.unit)} to "
                f"{digits(cell['history_high'], one.unit)})"
                if figure == "complaints"
                else ""
            )
            for cell in found
        ]
        lines.append(row(one.label["en"], digits(reported, one.unit, more=more), *cells))
    return "\n".join(lines)


def implies() -> str:
    """Say what each reading implies for the cases of the hall."""
    told = {READINGS[name]: implied_lines(load(name), "en") for name in READINGS}
    return "\n".join(f"- **{title}**: {' '.join(lines)}" for title, lines in told.items())


def two_by_two(studies: dict[str, Results]) -> str:
    """Tabulate everyone's headline figures: base, and what each corner changes."""
    lines = [
        row("Reading", "Figure", "Today", *REFORMS.values()),
        row(*["---"] * (3 + len(REFORMS))),
    ]
    for name, results in studies.items():
        for one in headline():
            changed = [results.difference(f"{name}+{reform}", one.id) for reform in REFORMS]
            today = digits(results.indicator(name, one.id)["mean"], one.unit)
            unit = "%" if one.unit == "share" else one.unit
            cells = [
                cell(found["mean"], found["low"], found["high"], one.unit)
                + MARKS.get(found["verdict"], " ?")
                for found in changed
            ]
            lines.append(row(READINGS[name], f"{one.label['en']} ({unit})", today, *cells))
    return "\n".join(lines)


def others() -> str:
    """Tabulate what other reforms change, one by one, under each reading."""
    shown = [indicators()[name] for name in OTHERS_SHOWN]
    labels = [f"{one.label['en']} ({'%' if one.unit == 'share' else one.unit})" for one in shown]
    lines = [row("Reform", "Reading", *labels), row(*["---"] * (2 + len(labels)))]
    found = {
        name: sim.compare(
            [load(name), *(load(f"{name}+{reform}") for reform in OTHERS)],
            replications=REPLICATIONS // 2,
            rivals=False,
            halls=0,
            cases=0,
        ).result
        for name in READINGS
    }
    for reform in OTHERS:
        for name, results in found.items():
            changed = [results.difference(f"{name}+{reform}", one.id) for one in shown]
            cells = [
                cell(one["mean"], one["low"], one["high"], what.unit)
                + MARKS.get(one["verdict"], " ?")
                for one, what in zip(changed, shown, strict=True)
            ]
            lines.append(row(reform, READINGS[name], *cells))
    return "\n".join(lines)


def worse(results: Results) -> str:
    """List every figure that a reform makes worse under the baseline reading."""
    found = results.differences
    lines = []
    for reform, label in REFORMS.items():
        rows = found[(found.scenario == f"county+{reform}") & (found.verdict == "worse")]
        cells = [
            f"{indicators()[one.indicator].label['en']} "
            f"{cell(one.mean, one.low, one.high, one.unit)}"
            for one in rows.itertuples()
        ]
        lines.append(f"- **{label}**: {'; '.join(cells) if cells else 'nothing measured here'}.")
    return "\n".join(lines)


def breaks(results: Results) -> str:
    """Say how much of the waiting for a call lies in breaks, and what is left without them."""
    lines = []
    for name, label in zip(results.names, ("today", *REFORMS.values()), strict=True):
        wait, without = (
            results.indicator(name, one)["mean"]
            for one in ("hall_wait_mean_min", "hall_wait_open_mean_min")
        )
        lines.append(
            f"- **{label}**: {digits(wait, 'min')} minutes a call, "
            f"{digits(1 - without / wait, 'share')} % of them while the hall is closed; "
            f"{digits(without, 'min')} without."
        )
    return "\n".join(lines)


def cell(mean: float, low: float, high: float, unit: str) -> str:
    more = enough_decimals(low, high, unit)
    ends = ", ".join(change(end, unit, more=more) for end in (low, high))
    return f"{change(mean, unit, more=more)} ({ends})"


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
