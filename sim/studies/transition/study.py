"""Transition: reforms that start on a date, beside the same years without them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.since import SHARES_DONE, month_edges_s
from sim.measure.verdicts import more_give_up
from sim.process.clock import WHOLE_DAY_S
from sim.rules.working_time import census_s, working_days
from sim.running.cells import Cell, Found
from sim.running.measurements import Since
from sim.running.runner import Runner, StoppedError
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem
from sim.stats.intervals import mean_interval, prediction_interval

Floats = npt.NDArray[np.float64]

PATHS = ("without", "with")
MONTHLY = ("received", "completed", "withdrawn", "open", "wait_min", "elapsed_wd", "visits")


@dataclass(frozen=True)
class TransitionResults:
    """Results of a transition: figures without the reforms, and with them from their dates on.

    Parameters
    ----------
    scenarios
        The scenario without the phases, and with them.
    day
        First day of the first phase.
    figures
        Figures of each path, in the order of `scenarios`, by their names in
        `sim.measure.since.since`; shape (replications, …), the same replications in both.
    seed
        Seed that both paths share.
    """

    scenarios: tuple[Scenario, Scenario]
    day: dt.date
    figures: tuple[dict[str, Floats], dict[str, Floats]]
    seed: int

    @property
    def replications(self) -> int:
        """Number of replications that both paths have finished."""
        return len(self.figures[0]["open_on_day"])

    @property
    def more_give_up(self) -> bool:
        """Whether more of the hall's cases are given up from the day on with the reforms.

        Compared by cases given up per case received from the day on; see `more_give_up`.
        """
        without, reformed = (
            figures["after_withdrawn"] / np.maximum(1, figures["after_received"])
            for figures in self.figures
        )
        return more_give_up(without, reformed)

    @property
    def dates(self) -> npt.NDArray[np.datetime64]:
        """The working days until the census, shape (days,)."""
        settings = self.scenarios[0].settings
        days = working_days(settings)
        return np.array(days[: self.figures[0]["open"].shape[1]], "datetime64[D]")

    @property
    def months(self) -> list[str]:
        """The calendar months, such as ``2009-04``; the first and the last may be incomplete."""
        settings = self.scenarios[0].settings
        start = settings.horizon.start
        edges = month_edges_s(start, census_s(settings))[:-1]
        days = [start + dt.timedelta(days=edge // WHOLE_DAY_S) for edge in edges]
        return [f"{day:%Y-%m}" for day in days]

    def monthly(self) -> pd.DataFrame:
        """Return every monthly figure of both paths, and the differences between them.

        Returns
        -------
        pandas.DataFrame
            A row per path (``difference`` is with minus without), month and figure of `MONTHLY`:
            mean, 95 % interval and number n of replications in which the figure is known.
        """
        rows = []
        for figure in MONTHLY:
            both = [figures[f"months_{figure}"] for figures in self.figures]
            for path, values in zip(
                (*PATHS, "difference"), (*both, both[1] - both[0]), strict=True
            ):
                for month, column in zip(self.months, values.T, strict=True):
                    rows.append((path, month, figure, *mean_interval(column)))
        columns = ["path", "month", "figure", "mean", "low", "high", "n"]
        return pd.DataFrame(rows, columns=columns)

    def after(self) -> pd.DataFrame:
        """Return every figure of both paths from the day to the census, and the differences.

        Returns
        -------
        pandas.DataFrame
            A row per path (``difference`` is with minus without) and figure of `MONTHLY`: mean, 95
            % interval and number n of replications in which the figure is known.
        """
        rows = []
        for figure in MONTHLY:
            both = [figures[f"after_{figure}"] for figures in self.figures]
            for path, values in zip(
                (*PATHS, "difference"), (*both, both[1] - both[0]), strict=True
            ):
                rows.append((path, figure, *mean_interval(values)))
        return pd.DataFrame(rows, columns=["path", "figure", "mean", "low", "high", "n"])

    def backlog(self) -> pd.DataFrame:
        """Return the working days until shares of the cases open on the day are completed.

        Returns
        -------
        pandas.DataFrame
            A row per path and share of `SHARES_DONE`.  ``reached`` is the share of replications, 0
            to 1, in which that is so by the census.  Mean with its 95 % interval and the prediction
            interval of a single replication (``history_low``, ``history_high``) are in working
            days; NaN unless ``reached`` is 1.
        """
        rows = []
        for path, figures in zip(PATHS, self.figures, strict=True):
            for share, column in zip(SHARES_DONE, figures["gone_wd"].T, strict=True):
                reached = float(np.isfinite(column).mean())
                whole = column if reached == 1 else np.full(len(column), np.nan)
                rows.append(
                    (path, share, reached, *mean_interval(whole)[:3], *prediction_interval(whole))
                )
        columns = ["path", "share", "reached", "mean", "low", "high", "history_low", "history_high"]
        return pd.DataFrame(rows, columns=columns)


def paths(
    expression: str, phases: Sequence[str], until: dt.date | None, values: Sequence[str]
) -> tuple[Scenario, Scenario]:
    """Load a scenario without and with reforms that start on dates.

    Parameters
    ----------
    expression
        The scenario; its own `transition` applies unless phases are given.
    phases
        As typed: ``2009-04-21:full-authorization,full-entry@land,construction``.
    until
        Last day, the census of both; if None, a year after the census of the scenario if phases are
        given, else its own census.
    values
        Single values laid over the scenario, such as ``policy.entry=0.8``.

    Returns
    -------
    tuple of Scenario
        Without the phases, and with them.

    Raises
    ------
    InputError
        If a phase cannot be read, there is none, or the scenario has problems.
    """
    more = [*values]
    if phases:
        more.append(f"transition=[{', '.join(_phase(text) for text in phases)}]")
    plain = load(expression, [*values, "transition=[]"])
    own = load(expression, values).settings.transition if not phases else ()
    if not phases and not own:
        raise InputError(
            [Problem(expression, None, "no reform that starts on a date", "--phase DATE:REFORM")]
        )
    if until is None and phases:
        until = _a_year_after(plain.settings.horizon.census)
    if until is not None:
        more.append(f"horizon.census={until}")
    return load(expression, [*more, "transition=[]"]), load(expression, more)


def _phase(text: str) -> str:
    day, colon, rest = text.partition(":")
    reforms, at, units = rest.partition("@")
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        colon = ""
    if not colon or not reforms.strip() or (at and not units.strip()):
        raise InputError(
            [
                Problem(
                    f"--phase {text}",
                    None,
                    f"{text!r}",
                    "DATE:REFORM[,REFORM][@DEPARTMENT,…], the date as 2009-04-21",
                )
            ]
        )
    names = [name.strip().removeprefix("+") for name in reforms.split(",")]
    where = f", departments: [{units}]" if units else ""
    return f"{{begins: {day}, reforms: [{', '.join(names)}]{where}}}"


def _a_year_after(day: dt.date) -> dt.date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28) if leap else day.replace(year=day.year + 1)


def run_transition(
    scenarios: tuple[Scenario, Scenario], runner: Runner, replications: int
) -> TransitionResults:
    """Run both paths on the same applicants.

    Parameters
    ----------
    scenarios
        The scenario without the phases, and with them.
    runner
        Simulates the replications.
    replications
        Number of replications.

    Returns
    -------
    TransitionResults
        After Ctrl-C what was finished by then, if at least one replication of both was.

    Raises
    ------
    StoppedError
        If Ctrl-C came before one replication of both was finished; finished cells are kept.
    RunError
        If workers, cluster or disk fail; finished cells are kept.
    """
    day = min(phase.begins for phase in scenarios[1].settings.transition)
    measured = Since(day.isoformat())
    batches = [
        [Cell((path,), number, 1, runner.seed, measured) for path in scenarios]
        for number in range(replications)
    ]
    try:
        contents = runner.fill(batches)
    except StoppedError as stopped:
        contents = stopped.found
        if not any(all(cell.key in contents for cell in batch) for batch in batches):
            raise
    both = [batch for batch in batches if all(cell.key in contents for cell in batch)]
    without, reformed = (
        _by_name(np.concatenate([contents[batch[path].key] for batch in both])) for path in (0, 1)
    )
    return TransitionResults(scenarios, day, (without, reformed), runner.seed)


def _by_name(records: Found) -> dict[str, Floats]:
    return {name: records[name] for name in records.dtype.names or ()}
