"""What of a report is matched, what is scaled to it, and what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import indicators
from sim.running.fitting_halls import as_number
from sim.scenario.estimates import MEASURES, Factor, estimates, factor_of, rows_of, value_in
from sim.scenario.model import Scenario
from sim.stats.emulator import Emulator
from sim.studies.calibration.study import CalibrationPlan, read_plan

Floats = npt.NDArray[np.float64]

VOLUME, RECEIVED = "demand.volume", "cases_received"
"""The demand is scaled, so that as many cases come as the report says."""
RATE_DISCREPANCY, RELATIVE_DISCREPANCY = 0.005, 0.05
"""Standard deviation by which the model may be wrong: half a point for a share, else 5 %."""
FAR_APART = 10.0
"""A positive range whose ends differ by this factor or more is drawn evenly in its logarithm."""
EXPLAINED = 0.999
"""A figure that the others explain to this degree says nothing more."""
LEAST = 0.1
"""Smallest share of its mean that a scaled figure is expected to be."""
CLIP = 1e-3
"""Shares are kept this far from 0 and 1 before their logit is taken."""


@dataclass(frozen=True)
class Scaled:
    """A parameter that is set so that a figure of the report is met on average.

    Parameters
    ----------
    parameter
        Dotted path.
    figure
        Id of the indicator, which is proportional to the parameter.
    value
        Of the parameter in the hall as described.
    target
        Of the figure in the report.
    """

    parameter: str
    figure: str
    value: float
    target: float


@dataclass(frozen=True)
class Matching:
    """How halls are drawn and matched under one reading of the report.

    Parameters
    ----------
    reading
        The hall as described, under this reading.
    factors
        Parameters that are drawn.
    scaled
        Parameters that are scaled.
    figures
        Ids of the figures of the report that are compared, counts of cases as shares of those
        received.
    """

    reading: Scenario
    factors: tuple[Factor, ...]
    scaled: tuple[Scaled, ...]
    figures: tuple[str, ...]

    @property
    def _shared(self) -> bool:
        return RECEIVED in self.reading.settings.report

    def is_share(self, figure: str) -> bool:
        """Say whether a figure is compared as a share, 0 to 1.

        Parameters
        ----------
        figure
            Id of the indicator.

        Returns
        -------
        bool
            True also for counts of cases, which are divided by the cases received.
        """
        return indicators()[figure].unit == "share" or self._is_divided(figure)

    def _is_divided(self, figure: str) -> bool:
        indicator = indicators()[figure]
        return self._shared and indicator.how == "count" and indicator.over == "received"

    @property
    def observed(self) -> Floats:
        """Figures of the report as they are compared, shape (figures,)."""
        report = self.reading.settings.report
        return np.array(
            [
                report[name] / (report[RECEIVED] if self._is_divided(name) else 1)
                for name in self.figures
            ]
        )

    @property
    def discrepancy(self) -> Floats:
        """Standard deviations by which the model may be wrong, shape (figures,)."""
        return np.array(
            [
                RATE_DISCREPANCY if self.is_share(name) else RELATIVE_DISCREPANCY * abs(value)
                for name, value in zip(self.figures, self.observed, strict=True)
            ]
        )

    def compared(self, values: Floats) -> Floats:
        """Return the figures that are compared.

        Parameters
        ----------
        values
            Every indicator, shape (…, indicators).

        Returns
        -------
        ndarray
            Shape (…, figures).
        """
        names = list(indicators())
        received = values[..., names.index(RECEIVED)]
        if not self.figures:
            return np.empty((*values.shape[:-1], 0))
        return np.stack(
            [
                values[..., names.index(name)] / (received if self._is_divided(name) else 1)
                for name in self.figures
            ],
            axis=-1,
        )

    def drawn(self, places: Floats) -> dict[str, float]:
        """Return the values at places in the ranges.

        Parameters
        ----------
        places
            0 to 1, shape (factors,).

        Returns
        -------
        dict
            Values by dotted path, as a scenario takes them.
        """
        pairs = zip(self.factors, places.tolist(), strict=True)
        return {factor.path: _value(factor, place) for factor, place in pairs}

    def scales(self, places: Floats, emulators: Mapping[str, Emulator]) -> dict[str, float]:
        """Return the scaled parameters of a hall.

        Parameters
        ----------
        places
            0 to 1, shape (factors,).
        emulators
            Of each scaled figure, by its id.

        Returns
        -------
        dict
            Values by dotted path.
        """
        values = {}
        for scaled in self.scaled:
            emulator = emulators[scaled.figure]
            expected = max(float(emulator.predict(places[None])[0]), LEAST * emulator.mean)
            values[scaled.parameter] = as_number(scaled.value * scaled.target / expected)
        return values


def _value(factor: Factor, place: float) -> float:
    low, high = factor.low, factor.high
    if factor.whole:
        return factor.typed(min(high, np.floor(low + place * (high - low + 1))))
    if low > 0 and high / low >= FAR_APART:
        return as_number(factor.typed(low * (high / low) ** place))
    return as_number(factor.typed(low + place * (high - low)))


def matching_of(reading: Scenario) -> Matching:
    """Describe how halls are drawn and matched under a reading.

    Parameters
    ----------
    reading
        The hall as described, without reforms.

    Returns
    -------
    Matching
        With every reported figure that no parameter is scaled to.

    Raises
    ------
    InputError
        If the calibration file has problems.
    """
    report = reading.settings.report
    plan = plan_of(reading)
    fits = () if plan is None else plan.fit
    proportional = {fit.parameter: fit.indicator for fit in fits if fit.how == "proportional"}
    if report.get(RECEIVED) and RECEIVED not in proportional.values():
        proportional[VOLUME] = RECEIVED
    scaled = tuple(
        Scaled(path, figure, float(value_in(reading, path)), report[figure])
        for path, figure in proportional.items()
        if report.get(figure)
    )
    searched = {fit.parameter: fit.high for fit in fits if fit.how == "search"}
    fixed = {entry.parameter for entry in scaled} | searched.keys() | MEASURES
    known, _ = estimates(reading)
    factors = [factor for factor in known if factor.path not in fixed]
    factors += [_fitted(reading, path, high) for path, high in searched.items()]
    met = {entry.figure for entry in scaled}
    figures = tuple(name for name in report if name not in met and name != RECEIVED)
    return Matching(reading, tuple(factors), scaled, figures)


def plan_of(scenario: Scenario) -> CalibrationPlan | None:
    """Return the plan of a scenario's calibration.

    Parameters
    ----------
    scenario
        The scenario.

    Returns
    -------
    CalibrationPlan or None
        Read from the calibration file that the scenario names; None if it names none.
    """
    place = scenario.places.get("calibration")
    named = scenario.settings.calibration
    if named is None or place is None:
        return None
    return read_plan(Path(place.file).resolve().parent / named)


def _fitted(reading: Scenario, path: str, high: float) -> Factor:
    """Return a fitted parameter with the range of its source, or from 0 to the limit of the fit."""
    row, chinese = next(pair for pair in rows_of(reading) if pair[0].path == path)
    source = reading.sources.get(path) or reading.sources.get(path.removesuffix(".mean"))
    if source is None or source.low is None or source.high is None:
        return factor_of(row, chinese, 0.0, high)
    return factor_of(row, chinese, source.low, source.high)


def informative(matching: Matching, histories: Floats) -> Matching:
    """Leave out figures that never vary, and those that others explain.

    Parameters
    ----------
    matching
        With every reported figure.
    histories
        Every indicator of histories of different halls, shape (histories, indicators).

    Returns
    -------
    Matching
        With the figures that tell halls apart, in the order of the report.
    """
    values = matching.compared(histories)
    kept: list[int] = []
    for at in range(len(matching.figures)):
        column = values[:, at]
        if np.isnan(column).any() or float(column.std()) < 1e-9:
            continue
        others = np.column_stack([np.ones(len(column)), values[:, kept]])
        rest = column - others @ np.linalg.lstsq(others, column, rcond=None)[0]
        if float(rest.var()) > (1 - EXPLAINED) * float(column.var()):
            kept.append(at)
    return replace(matching, figures=tuple(matching.figures[at] for at in kept))


def stretched(matching: Matching, values: Floats) -> tuple[Floats, Floats]:
    """Return figures on a scale without ends, for linear prediction, and the slope of that scale.

    Parameters
    ----------
    matching
        The figures.
    values
        Shape (n, figures).

    Returns
    -------
    stretched, slopes : ndarray
        Logits of shares, logarithms of others; and their derivatives, shapes (n, figures).
    """
    columns, slopes = [], []
    for at, name in enumerate(matching.figures):
        column = values[:, at]
        if matching.is_share(name):
            share = np.clip(column, CLIP, 1 - CLIP)
            columns.append(np.log(share / (1 - share)))
            slopes.append(1 / (share * (1 - share)))
        else:
            positive = np.maximum(column, CLIP)
            columns.append(np.log(positive))
            slopes.append(1 / positive)
    return np.column_stack(columns), np.column_stack(slopes)
