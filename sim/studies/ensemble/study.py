"""Effects in many halls that fit the report, with the uncertainty by chance and by the hall.

The halls are drawn from what is not known (`sim.studies.ensemble.sampling`) and compared with the
same reforms, under every reading of the report.  Halls have applicants of their own, so that their
means are independent; within a hall all scenarios have the same applicants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.definitions import headline, indicators
from sim.measure.verdicts import Pair, beside, judged, with_telling
from sim.running.drawn_halls import cells_in
from sim.running.fitting_halls import FittingHalls, readings_of
from sim.running.runner import Runner
from sim.scenario.estimates import estimates
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, RunError
from sim.scenario.redraw import redrawn_columns
from sim.stats.comparison import Verdict
from sim.stats.random_effects import decompose, over_all
from sim.studies.ensemble.sample import SampleRequest, estimates_frame, fits_frame, make_sample

AS_DESCRIBED = 0
"""Number of the hall as described, among its variants."""
ALL = "all"
"""Stands for all readings of the report together."""
EFFECT_COLUMNS = ["variant", "rival", "scenario", "indicator", "unit", "n"]
EFFECT_COLUMNS += ["mean", "low", "high", "p_adjusted", "verdict"]


@dataclass(frozen=True)
class EnsembleRequest:
    """What is asked.

    Parameters
    ----------
    scenarios
        The base and the reformed halls, as described.
    sample
        The sample of halls in which they are compared.
    variants
        Number of halls under each reading, at least 2.
    """

    scenarios: tuple[Scenario, ...]
    sample: SampleRequest
    variants: int

    @property
    def readings(self) -> tuple[Scenario, ...]:
        """Readings of the report under which the scenarios are compared."""
        return self.sample.readings[: self.sample.wanted]

    @property
    def families(self) -> list[tuple[Scenario, ...]]:
        """The scenarios under each reading."""
        others = zip(*(scenario.rivals() for scenario in self.scenarios), strict=True)
        return [self.scenarios, *others][: self.sample.wanted]

    @property
    def columns(self) -> tuple[str, ...]:
        """Table columns that are redrawn, such as ``items.cases_per_wd``."""
        return redrawn_columns(self.scenarios[0].sources)


@dataclass(frozen=True)
class Drawing:
    """How halls are drawn.

    Parameters
    ----------
    seed
        Seed of the draws; None for that of the base's `experiment`.
    histories
        Histories of each draw.
    effective
        Effective sample size wanted under each reading.
    rivals
        Whether halls are also drawn under the base's rivals, which explain the report by another
        calibration.
    folder
        Folder that holds samples.
    """

    seed: int | None
    histories: int
    effective: float
    rivals: bool
    folder: Path


def ask(
    base: str,
    others: Sequence[str],
    drawing: Drawing,
    *,
    variants: int,
    values: tuple[str, ...] = (),
) -> EnsembleRequest:
    """Load the scenarios and describe the halls in which they are compared.

    Parameters
    ----------
    base
        Expression of the base, which may have reforms, such as ``county+full-entry``.
    others
        Expressions of scenarios of the same hall; one that begins with a plus sign is the base
        with more reforms.
    drawing
        How halls are drawn.
    variants
        Number of halls under each reading, at least 2.
    values
        Values set in every scenario, such as ``demand.volume=1.2``; they are decided, and drawn in
        no hall.

    Returns
    -------
    EnsembleRequest
        The request; nothing is simulated or written yet.

    Raises
    ------
    InputError
        With every problem of the scenarios; also if one is of another hall or given twice, or if
        nothing about the hall is an estimate.
    """
    loaded = _load(base, others, values)
    readings = readings_of(loaded[0])
    sample = SampleRequest(
        readings=readings,
        wanted=len(readings) if drawing.rivals else 1,
        seed=readings[0].settings.experiment.seed if drawing.seed is None else drawing.seed,
        histories=drawing.histories,
        effective=drawing.effective,
        folder=drawing.folder,
    )
    request = EnsembleRequest(tuple(loaded), sample, variants)
    if not request.columns and not estimates(readings[0])[0]:
        found = "nothing about the hall is an estimate, so there is nothing to draw"
        allowed = "parameters and columns graded E in `sources`, with ranges"
        raise InputError([Problem(str(readings[0].path), None, found, allowed)])
    return request


def _load(base: str, others: Sequence[str], values: tuple[str, ...]) -> list[Scenario]:
    """Load the scenarios, which must be of one hall; raise the problems of all together."""
    names = [base, *(base + name if name.startswith("+") else name for name in others)]
    loaded: list[Scenario] = []
    problems: list[Problem] = []
    for name in names:
        try:
            loaded.append(load(name, values))
        except InputError as error:
            problems += error.problems
    for name, times in Counter(names).items():
        if times > 1:
            problems.append(Problem(name, None, "given twice", "each scenario once"))
    for scenario in loaded[1:]:
        if scenario.path != loaded[0].path:
            found = "another hall, of which there are no variants"
            problems.append(
                Problem(scenario.name, None, found, f"{base} with reforms, such as +NAME")
            )
    if problems:
        raise InputError(dict.fromkeys(problems))
    return loaded


# Work ---------------------------------------------------------------------------------------


def ensemble(request: EnsembleRequest, runner: Runner, replications: int) -> Ensemble:
    """Draw the halls that fit the report, unless that is done, and compare the scenarios in them.

    Parameters
    ----------
    request
        What is asked.
    runner
        Works out the replications.  Its seed is that of the hall as described; hall number h has
        the seed plus h, and so other applicants.
    replications
        Replications of each scenario in each hall.

    Returns
    -------
    Ensemble
        Results in every hall and in the hall as described.

    Raises
    ------
    StoppedError
        After Ctrl-C; all finished draws and cells are kept.
    RunError
        If workers fail, a file cannot be written, or no hall comes near the report.
    """
    sample = make_sample(request.sample, runner)
    lost = [reading.name for reading in request.readings if reading.name not in sample.readings]
    if lost and len(request.scenarios) > 1:
        raise RunError(
            f"{', '.join(lost)}: no hall that was drawn comes near the report; allowed: a report "
            "that the hall can explain (hall calibrate), or wider ranges in `sources`"
        )
    if len(request.scenarios) == 1:
        empty = np.empty((0, len(request.readings), 1, replications, len(_figure_ids())))
        return Ensemble(request, sample, empty)
    described = [
        runner.figures(family, range(replications)).values  # noqa: PD011  (no data frame)
        for family in request.families
    ]
    cells = [
        cells_in(family, sample.draws(reading.name, request.variants), runner.seed, replications)
        for family, reading in zip(request.families, request.readings, strict=True)
    ]
    contents = runner.fill([(cell,) for of_reading in cells for cell in of_reading])
    columns = [list(indicators()).index(name) for name in _figure_ids()]
    drawn = [
        np.array([contents[cell.key]["indicators"] for cell in of_reading]).reshape(
            request.variants, *values.shape
        )
        for of_reading, values in zip(cells, described, strict=True)
    ]
    whole = np.concatenate([np.array(described)[None], np.stack(drawn, axis=1)])
    return Ensemble(request, sample, whole[..., columns])


def _figure_ids() -> tuple[str, ...]:
    """Return the headline figures, in their order, then others that verdicts need."""
    return with_telling(indicator.id for indicator in headline())


# Results ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ensemble:
    """Results of an ensemble.

    Parameters
    ----------
    request
        What was asked.
    sample
        Halls that fit the report.
    values
        Headline figures, then the other figures that verdicts need, each in its own unit; shape
        (1 + variants, readings, scenarios, replications, figures).  The hall as described comes
        first among the variants, the base first among the scenarios.  NaN where a figure is null.
    """

    request: EnsembleRequest
    sample: FittingHalls
    values: npt.NDArray[np.float64]

    @property
    def replications(self) -> int:
        """Replications of each scenario of each variant."""
        return int(self.values.shape[3])

    @property
    def readings(self) -> list[str]:
        """Names of the scenarios that are the readings of the report, the base's own first."""
        return [reading.name for reading in self.request.readings]

    @cached_property
    def _changes(self) -> npt.NDArray[np.float64]:
        """Paired differences from the base; shape of `values`, without the base among scenarios."""
        return self.values[:, :, 1:] - self.values[:, :, :1]

    @cached_property
    def _pairs(self) -> dict[tuple[int, int], list[Pair]]:
        """Each scenario paired with the base, by variant and reading; the base itself first."""
        names, scenarios = _figure_ids(), range(len(self.request.scenarios))
        return {
            key: [beside(self.values[key], names, 0, number) for number in scenarios]
            for key in product(range(len(self.values)), range(len(self.readings)))
        }

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Effects of every scenario on the headline figures, a row per variant and reading.

        Variant 0 is the hall as described.  Within a variant and a reading all headline figures of
        all scenarios are one family of tests.
        """
        rows: list[tuple[object, ...]] = []
        shown, scenarios = headline(), self.request.scenarios
        for (variant, reading), pairs in self._pairs.items():
            keys = list(product(range(1, len(scenarios)), range(len(shown))))
            differences = judged([(pairs[number], shown[at]) for number, at in keys])
            rows += [
                (
                    *(variant, self.readings[reading], scenarios[number].name, shown[at].id),
                    *(shown[at].unit, effect.n, effect.mean, effect.low, effect.high),
                    *(effect.p_adjusted, str(effect.verdict)),
                )
                for (number, at), effect in zip(keys, differences, strict=True)
            ]
        return pd.DataFrame(rows, columns=EFFECT_COLUMNS)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Each effect over the variants, a row per reading and one for all readings together.

        The readings are no random sample: over all readings the mean is the mean of their means,
        and the interval for a hall goes from the lowest to the highest end.
        """
        rows = []
        shown, scenarios = headline(), self.request.scenarios
        several = len(self.readings) > 1
        for number, at in product(range(1, len(scenarios)), range(len(shown))):
            spreads = [
                decompose(self._changes[1:, reading, number - 1, :, at])
                for reading in range(len(self.readings))
            ]
            names = [*self.readings]
            if several:
                spreads, names = [*spreads, over_all(spreads)], [*names, ALL]
            for name, spread in zip(names, spreads, strict=True):
                key = {"rival": name, "scenario": scenarios[number].name}
                key |= {"indicator": shown[at].id, "unit": shown[at].unit}
                rows.append(
                    {**key, **asdict(spread)} | self._verdicts(key) | self._sign_changes(key)
                )
        frame = pd.DataFrame(rows)
        means = frame[frame["rival"] != ALL].groupby(["scenario", "indicator"])["mean"]
        by_reading = means.var(ddof=1).rename("variance_calibration")
        return frame.merge(by_reading, on=["scenario", "indicator"], how="left")

    def _verdicts(self, key: dict[str, str]) -> dict[str, float]:
        """Return the share of variants, 0 to 1, with each verdict."""
        verdicts = self._effects_at(key)["verdict"]
        return {
            f"share_{name}": float((verdicts == str(verdict)).mean())
            for name, verdict in (
                ("better", Verdict.BETTER),
                ("worse", Verdict.WORSE),
                ("other_cases", Verdict.OTHER_CASES),
                ("unclear", Verdict.UNCLEAR),
                ("same", Verdict.SAME),
            )
        }

    def _sign_changes(self, key: dict[str, str]) -> dict[str, bool]:
        """Say whether verdicts of both signs occur."""
        verdicts = set(self._effects_at(key)["verdict"])
        opposite = ({str(Verdict.BETTER), str(Verdict.WORSE)}, {"higher", "lower"})
        return {"flips": any(both <= verdicts for both in opposite)}

    def _effects_at(self, key: dict[str, str]) -> pd.DataFrame:
        return self.effects_of(key["rival"], key["scenario"], key["indicator"])

    def effects_of(self, rival: str, scenario: str, indicator: str) -> pd.DataFrame:
        """Return the effects on one figure in all variants, without the hall as described.

        Parameters
        ----------
        rival
            Name of a reading, or `ALL` for all readings.
        scenario
            Name of the scenario.
        indicator
            Id of the figure.

        Returns
        -------
        pandas.DataFrame
            Rows of `effects`, one per variant and reading.
        """
        frame = self.effects
        chosen = (frame["scenario"] == scenario) & (frame["indicator"] == indicator)
        if rival != ALL:
            chosen &= frame["rival"] == rival
        return frame[chosen & (frame["variant"] != AS_DESCRIBED)]

    @cached_property
    def best(self) -> pd.DataFrame:
        """Number of variants in which each scenario has the best mean of each figure, by reading.

        Only of figures for which higher or lower is better.  A scenario in which a figure is about
        other cases, as fewer are served or more give up, is not best by that figure.
        """
        rows = []
        for at, indicator in enumerate(headline()):
            if indicator.better == "none" or np.isnan(self.values[..., at]).all():
                continue
            means = np.nanmean(self.values[1:, ..., at], axis=3)
            sign = -1 if indicator.better == "lower" else 1
            others = [
                [pair.is_of_other_cases(indicator) for pair in pairs]
                for pairs in self._pairs.values()
            ]
            excluded = np.isnan(means) | np.array(others).reshape(self.values.shape[:3])[1:]
            winners = np.argmax(np.where(excluded, -np.inf, sign * means), axis=2)
            for reading, name in enumerate(self.readings):
                for number, scenario in enumerate(self.request.scenarios):
                    times = int((winners[:, reading] == number).sum())
                    rows.append((name, indicator.id, scenario.name, times, self.request.variants))
        return pd.DataFrame(rows, columns=["rival", "indicator", "scenario", "best_in", "of"])

    @cached_property
    def fits(self) -> pd.DataFrame:
        """How many draws were tried under each reading, and how many fit; see `fits_frame`."""
        return fits_frame(self.sample)

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """What the report leaves of each estimate; see `estimates_frame`."""
        return estimates_frame(self.sample)
