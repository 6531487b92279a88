"""Tabulate what the home departments moved, and which change moved it.

Run ``python docs/moves.py`` from the repository (some three minutes on two cores).
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import sim
from sim.measure.definitions import indicators
from sim.present.numbers import digits
from sim.scenario.load import load
from sim.scenario.model import Scenario

DOCS = Path(__file__).parent
BEFORE = DOCS / "moves-before.csv"
"""The same figures by the version before (commit 08796fd, 40 histories, the same seed)."""
REPLICATIONS = 40
FIGURES = (
    "all_elapsed_mean_wd",
    "all_visits_mean",
    "all_one_visit_rate",
    "all_served_rate",
    "elapsed_mean_wd",
    "visits_mean",
    "hall_wait_mean_min",
    "cases_open",
    "staff_min_per_case",
    "window_utilisation",
    "office_utilisation",
)
SCENARIOS = ("county", "county+full-authorization", "county+full-entry")
BACK = {
    "files never left at home": "offices.leave_file_share=0",
    "all files left at home": "offices.leave_file_share=1",
    "no review kept at the window": "service.review_share=0",
    "all review kept": "service.review_share=1",
    "signing takes no minutes": "offices.sign_min=0",
    "nobody asks": "hall.status_enquiries_per_open_wd=0",
    "home items as busy as those that came": "demand.hidden_volume=1",
}
"""Each change taken back (or driven to the other end) by itself, the calibration held."""


def main() -> None:
    halls = {f"{name}|": load(name) for name in SCENARIOS}
    for value in BACK.values():
        halls |= {f"{name}|{value}": load(name, [value]) for name in SCENARIOS}
    found = {key: means(hall) for key, hall in halls.items()}
    with BEFORE.open(encoding="utf-8", newline="") as file:
        before = {
            (one["scenario"], one["figure"]): float(one["mean"]) for one in csv.DictReader(file)
        }
    page = DOCS / "moves.md"
    text = page.read_text(encoding="utf-8")
    for name in SCENARIOS:
        table = table_of(name, found, before)
        text = re.sub(
            rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)",
            lambda match, table=table: f"{match[1]}{table}\n{match[2]}",
            text,
            flags=re.DOTALL,
        )
    page.write_text(text, encoding="utf-8")


def means(hall: Scenario) -> dict[str, float]:
    """Return the figures of a scenario."""
    results = sim.run(hall, replications=REPLICATIONS, cases=0).result
    return {figure: results.indicator(results.names[0], figure)["mean"] for figure in FIGURES}


def table_of(
    name: str,
    found: dict[str, dict[str, float]],
    before: dict[tuple[str, str], float],
) -> str:
    """Return old and new figures, and what they would be with one change taken back."""
    lines = [row("Figure", "before", "now", *BACK), row(*["---"] * (3 + len(BACK)))]
    for figure in FIGURES:
        one = indicators()[figure]
        values = [before[name, figure], found[f"{name}|"][figure]]
        values += [found[f"{name}|{value}"][figure] for value in BACK.values()]
        unit = "%" if one.unit == "share" else one.unit
        cells = [digits(value, one.unit, more=1) for value in values]
        lines.append(row(f"{one.label['en']} ({unit})", *cells))
    return "\n".join(lines)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
