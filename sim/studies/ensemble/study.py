"""Effects over many halls like the base, with the uncertainty by chance and by the hall.

Every variant of the tables (`sim.studies.ensemble.variants`) is fitted to the report and compared
with the same reforms, under every reading of the report: the base's own calibration, and those of
its rivals.  Variants have applicants of their own, so that their means are independent; within a
variant all scenarios have the same applicants.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.definitions import headline
from sim.measure.verdicts import Pair, beside, judged, with_telling
from sim.running.cells import Cells
from sim.running.runner import Floats, Runner, StoppedError
from sim.running.workers import Workers
from sim.scenario.files import find, reform_folders
from sim.scenario.load import load, load_parts
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem
from sim.stats.comparison import Verdict
from sim.stats.random_effects import decompose, over_all
from sim.studies.ensemble.variants import (
    Family,
    FitTask,
    Residual,
    copy_reforms,
    fit,
    residuals,
    write_scenarios,
    write_tables,
)

AS_DESCRIBED = 0
"""Number of the hall as described, among its variants."""
ALL = "all"
"""Stands for all readings of the report together."""
RUNS_OF_A_FIT = 9
"""Simulations of one fit, roughly; only to estimate the remaining time."""
FEWEST_MET = 2
"""If fewer variants meet the report, intervals are over all variants."""
EFFECT_COLUMNS = ["variant", "rival", "scenario", "indicator", "unit", "n"]
EFFECT_COLUMNS += ["mean", "low", "high", "p_adjusted", "verdict", "meets_report"]


@dataclass(frozen=True)
class EnsembleRequest:
    """What is asked.

    Parameters
    ----------
    scenarios
        The base and the reformed halls, as described.
    family
        Readings of the report, seed and folder of the variants.
    variants
        Number of variants, at least 2.
    """

    scenarios: tuple[Scenario, ...]
    family: Family
    variants: int


def ask(
    base: str,
    others: Sequence[str],
    values: tuple[str, ...] = (),
    *,
    variants: int,
    seed: int | None,
    fit_replications: int,
    rivals: bool,
    root: Path,
) -> EnsembleRequest:
    """Load the scenarios and describe the family of variants.

    Parameters
    ----------
    base
        Expression of the base, which may have reforms, such as ``county+full-entry``.
    others
        Expressions of scenarios of the same hall; one that begins with a plus sign is the base
        with more reforms.
    values
        Values set in every scenario, such as ``demand.volume=1.2``.
    variants
        Number of variants, at least 2.
    seed
        Seed of the redraws; None for that of the base's `experiment`.
    fit_replications
        Replications of each step of a fit.
    rivals
        Whether every scenario is also run under the base's rivals, which explain the report by
        another calibration.
    root
        Folder that holds ensembles.

    Returns
    -------
    EnsembleRequest
        The request; nothing is simulated or written yet.

    Raises
    ------
    InputError
        With every problem of the scenarios; also if one is of another hall or given twice, or if no
        column of the tables is an estimate.
    """
    loaded = _load(base, others, values)
    plain = load_parts(str(loaded[0].path), (), values)
    readings = (plain, *(plain.rivals() if rivals else ()))
    seed = plain.settings.experiment.seed if seed is None else seed
    family = Family(readings, seed, fit_replications, root)
    if not family.columns:
        found = "no column of the tables is an estimate, so there is nothing to redraw"
        allowed = "columns graded E or D, or without a grade, in `sources`"
        raise InputError([Problem(str(plain.path), None, found, allowed)])
    return EnsembleRequest(tuple(loaded), family, variants)


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
    """Fit and compare every variant; fits and cells that exist already are used again.

    Parameters
    ----------
    request
        What is asked.
    runner
        Works out the replications.  Its seed is that of the hall as described; variant number v
        has the seed plus v, and so other applicants.
    replications
        Replications of each scenario of each variant.

    Returns
    -------
    Ensemble
        Results of every variant and of the hall as described.

    Raises
    ------
    StoppedError
        After Ctrl-C, with the number of finished variants; all finished fits and cells are kept.
    RunError
        If workers fail or a file cannot be written.
    """
    family, wanted = request.family, range(1, request.variants + 1)
    for variant in wanted:
        write_tables(family, variant)
    copy_reforms(family)
    per_variant = replications * len(request.scenarios) * len(family.readings)
    in_total = per_variant * (request.variants + 1)
    per_cell = replications / runner.cells_in(range(replications))
    values: list[Floats] = []
    try:
        done = _make_fits(request, runner, in_total)
        for variant in (AS_DESCRIBED, *wanted):
            part = runner.as_part(done, done + in_total - per_variant * len(values), per_cell)
            values.append(_variant_values(request, variant, part, replications))
            done += per_variant
    except (StoppedError, KeyboardInterrupt):  # the latter while scenarios are read
        raise StoppedError(max(0, len(values) - 1), request.variants) from None
    return Ensemble(request, np.array(values))


def _make_fits(request: EnsembleRequest, runner: Runner, further: int) -> int:
    """Make the missing fits in parallel; return about how many replications they simulated.

    For the progress report, `further` is the number of replications that come after the fits.
    """
    family = request.family
    # Each fit works out its cells in sequence; remote workers have no folder to keep them in.
    cells = runner.cells if runner.workers.scheduler is None else Cells()
    own = replace(runner, workers=Workers(1), cells=cells, progress=None)
    tasks = [
        FitTask(family, variant, reading, own)
        for variant in range(1, request.variants + 1)
        for reading in range(len(family.readings))
        if family.is_fitted and not family.has_fit(variant, reading)
    ]
    cost = RUNS_OF_A_FIT * family.fit_replications
    total = cost * len(tasks) + further
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice")  # a figure that is always null
        for _ in runner.as_part(0, total, cost).each(fit, tasks):
            pass
    return cost * len(tasks)


def _variant_values(
    request: EnsembleRequest, variant: int, runner: Runner, replications: int
) -> Floats:
    """Return the figures of `_figure_ids`, shape (readings, scenarios, replications, figures)."""
    family = request.family
    if variant != AS_DESCRIBED:
        write_scenarios(family, variant)
    own = replace(runner, seed=runner.seed + variant)
    scenarios = [
        load_parts(str(path), _reforms(scenario), scenario.values)
        for path in _paths(family, variant)
        for scenario in request.scenarios
    ]
    figures = own.figures(scenarios, range(replications))
    values = np.stack([figures.of(name) for name in _figure_ids()], axis=-1)
    return values.reshape(len(family.readings), len(request.scenarios), *values.shape[1:])


def _figure_ids() -> tuple[str, ...]:
    """Return the headline figures, in their order, then others that verdicts need."""
    return with_telling(indicator.id for indicator in headline())


def _paths(family: Family, variant: int) -> list[Path]:
    if variant == AS_DESCRIBED:
        return [reading.path for reading in family.readings]
    return [family.path(variant, reading) for reading in range(len(family.readings))]


def _reforms(scenario: Scenario) -> list[str]:
    """Return the paths of a scenario's reforms, which are looked up from the hall's own folder."""
    folders = reform_folders(scenario.path.parent)
    paths = [find(name, Path(), folders) for name in scenario.reforms]
    return [str(path.resolve()) for path in paths if path is not None]


# Results ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ensemble:
    """Results of an ensemble.

    Parameters
    ----------
    request
        What was asked.
    values
        Headline figures, then the other figures that verdicts need, each in its own unit; shape
        (1 + variants, readings, scenarios, replications, figures).  The hall as described comes
        first among the variants, the base first among the scenarios.  NaN where a figure is null.
    """

    request: EnsembleRequest
    values: npt.NDArray[np.float64]

    @property
    def replications(self) -> int:
        """Replications of each scenario of each variant."""
        return int(self.values.shape[3])

    @property
    def readings(self) -> list[str]:
        """Names of the scenarios that are the readings of the report, the base's own first."""
        return [reading.name for reading in self.request.family.readings]

    @cached_property
    def _changes(self) -> npt.NDArray[np.float64]:
        """Paired differences from the base; shape of `values`, without the base among scenarios."""
        return self.values[:, :, 1:] - self.values[:, :, :1]

    @cached_property
    def _met(self) -> npt.NDArray[np.bool_]:
        """Which fits meet the report, shape (variants, readings)."""
        missed = set(self.missed)
        numbers = range(1, self.request.variants + 1)
        return np.array([[(v, name) not in missed for name in self.readings] for v in numbers])

    def _counted(self, reading: int) -> npt.NDArray[np.bool_]:
        """Return which variants enter the intervals of a reading, shape (variants,)."""
        met: npt.NDArray[np.bool_] = self._met[:, reading]
        return met if met.sum() >= FEWEST_MET else np.ones_like(met)

    @property
    def hardly_met(self) -> list[str]:
        """Names of the readings under which fewer than two variants meet the report."""
        few = self._met.sum(axis=0) < FEWEST_MET
        return [name for name, is_few in zip(self.readings, few, strict=True) if is_few]

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
                    variant == AS_DESCRIBED or bool(self._met[variant - 1, reading]),
                )
                for (number, at), effect in zip(keys, differences, strict=True)
            ]
        return pd.DataFrame(rows, columns=EFFECT_COLUMNS)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Each effect over the variants, a row per reading and one for all readings together.

        Means, intervals and variances are of the variants that meet the report, because the report
        rules out all others (of all variants where fewer than two meet it); verdicts are counted
        over all variants.  The readings are no random sample: over all readings the mean is the
        mean of their means, and the interval for a hall goes from the lowest to the highest end.
        """
        rows = []
        shown, scenarios = headline(), self.request.scenarios
        several = len(self.readings) > 1
        for number, at in product(range(1, len(scenarios)), range(len(shown))):
            spreads = [
                decompose(self._changes[1:, reading, number - 1, :, at][self._counted(reading)])
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
        """Say whether among variants that meet the report verdicts of both signs occur."""
        rows = self._effects_at(key)
        verdicts = set(rows[rows["meets_report"]]["verdict"])
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
    def residuals(self) -> list[Residual]:
        """Every figure of the report beside the simulated one, of every fit there is."""
        family = self.request.family
        pairs = product(range(1, self.request.variants + 1), range(len(family.readings)))
        return [
            residual
            for variant, reading in pairs
            for residual in residuals(family, variant, reading)
        ]

    @cached_property
    def fits(self) -> pd.DataFrame:
        """The residuals as a table, a row per fit and figure of the report."""
        columns = ["variant", "rival", "figure", "target", "simulated", "residual", "fitted", "met"]
        rows = [
            (
                *(entry.variant, entry.reading, entry.figure, entry.target, entry.simulated),
                *(entry.residual, entry.is_fitted, entry.is_met),
            )
            for entry in self.residuals
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def missed(self) -> list[tuple[int, str]]:
        """Variant and reading of each fit that misses a figure of the report."""
        missed = ((entry.variant, entry.reading) for entry in self.residuals if not entry.is_met)
        return list(dict.fromkeys(missed))
