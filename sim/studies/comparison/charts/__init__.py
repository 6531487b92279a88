"""The charts of a run or a comparison, in both languages, as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.measure.definitions import Language
from sim.studies.comparison.charts.curves import backlog, elapsed_time
from sim.studies.comparison.charts.days import where_the_days_go
from sim.studies.comparison.charts.differences import differences
from sim.studies.comparison.charts.gains import who_gains
from sim.studies.comparison.charts.hours import by_hour
from sim.studies.comparison.charts.steady_state import warm_up
from sim.studies.comparison.charts.utilisation import utilisation
from sim.studies.comparison.charts.visits import visits
from sim.studies.comparison.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CHARTS: dict[str, Callable[[Results, Language], Figure]] = {
    "where-the-days-go": where_the_days_go,
    "elapsed-time": elapsed_time,
    "backlog": backlog,
    "by-hour": by_hour,
    "utilisation": utilisation,
    "visits": visits,
    "differences": differences,
    "who-gains": who_gains,
    "warm-up": warm_up,
}
"""Functions that draw the charts, by name."""
