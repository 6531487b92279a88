"""An answer over many halls like this one: what chance leaves open, and what the hall does.

Every variant of the tables (`sim.studies.ensemble.variants`) is fitted to the report and compared
with the same reforms, under every reading of the report.  Variants have applicants of their own,
so that their means are independent; within a variant scenarios share them.
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
"""The number of the hall itself among its variants."""
ALL = "all"
"""Stands for all readings of the report together."""
RUNS_OF_A_FIT = 9
"""About how often a fit simulates, for the time left."""
FEWEST_MET = 2
"""Variants that must meet the report for an interval of those alone."""
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
        What variants are made of.
    variants
        How many.
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
    """Load the scenarios and say what variants are made of.

    Parameters
    ----------
    base
        A scenario, perhaps with reforms.
    others
        Scenarios of the same hall; one that begins with a plus sign is the base with reforms.
    values
        Single values laid over all.
    variants
        How many.
    seed
        Of the redraws; that of the base's `experiment` unless given.
    fit_replications
        Replications of each step of a fit.
    rivals
        Whether the base's other readings of the report are run too.
    root
        Folder of ensembles.

    Raises
    ------
    InputError
        With every problem of scenarios; if another hall is given, or no column is an estimate.
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
    """Load the scenarios, which must be of one hall; the problems of all are told together."""
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
    for one in loaded[1:]:
        if one.path != loaded[0].path:
            found = "another hall, of which there are no variants"
            problems.append(Problem(one.name, None, found, f"{base} with reforms, such as +NAME"))
    if problems:
        raise InputError(dict.fromkeys(problems))
    return loaded


# Work ---------------------------------------------------------------------------------------


def ensemble(request: EnsembleRequest, runner: Runner, replications: int) -> Ensemble:
    """Fit and compare every variant; what is there already is not done again.

    Parameters
    ----------
    request
        What is asked.
    runner
        Who simulates; its seed decides who comes.
    replications
        Of each scenario of each variant.

    Raises
    ------
    StoppedError
        After Ctrl-C, with the variants that are finished; all finished fits and cells are kept.
    RunError
        If workers or disk fail.
    """
    family, wanted = request.family, range(1, request.variants + 1)
    for variant in wanted:
        write_tables(family, variant)
    copy_reforms(family)
    of_variant = replications * len(request.scenarios) * len(family.readings)
    of_all = of_variant * (request.variants + 1)
    per_cell = replications / runner.cells_in(range(replications))
    values: list[Floats] = []
    try:
        done = _make_fits(request, runner, of_all)
        for variant in (AS_DESCRIBED, *wanted):
            part = runner.as_part(done, done + of_all - of_variant * len(values), per_cell)
            values.append(_of_variant(request, variant, part, replications))
            done += of_variant
    except (StoppedError, KeyboardInterrupt):  # the latter while scenarios are read
        raise StoppedError(max(0, len(values) - 1), request.variants) from None
    return Ensemble(request, np.array(values))


def _make_fits(request: EnsembleRequest, runner: Runner, further: int) -> int:
    """Make the fits that are missing, side by side; return what they were in replications.

    Further replications will come later.
    """
    family = request.family
    # Each works out its cells one by one; workers elsewhere have no folder to keep them in.
    cells = runner.cells if runner.workers.scheduler is None else Cells()
    own = replace(runner, workers=Workers(1), cells=cells, progress=None)
    tasks = [
        FitTask(family, variant, reading, own)
        for variant in range(1, request.variants + 1)
        for reading in range(len(family.readings))
        if family.is_fitted and not family.has_fit(variant, reading)
    ]
    cost = RUNS_OF_A_FIT * family.fit_replications
    whole = cost * len(tasks) + further
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mean of empty slice")  # a figure that is always null
        for _ in runner.as_part(0, whole, cost).each(fit, tasks):
            pass
    return cost * len(tasks)


def _of_variant(
    request: EnsembleRequest, variant: int, runner: Runner, replications: int
) -> Floats:
    """Return the figures that are kept, shape (readings, scenarios, replications, figures)."""
    family = request.family
    if variant != AS_DESCRIBED:
        write_scenarios(family, variant)
    own = replace(runner, seed=runner.seed + variant)
    scenarios = [
        load_parts(str(path), _reforms(one), one.values)
        for path in _paths(family, variant)
        for one in request.scenarios
    ]
    figures = own.figures(scenarios, range(replications))
    found = np.stack([figures.of(name) for name in _kept()], axis=-1)
    return found.reshape(len(family.readings), len(request.scenarios), *found.shape[1:])


def _kept() -> tuple[str, ...]:
    return with_telling(one.id for one in headline())


def _paths(family: Family, variant: int) -> list[Path]:
    if variant == AS_DESCRIBED:
        return [one.path for one in family.readings]
    return [family.path(variant, reading) for reading in range(len(family.readings))]


def _reforms(scenario: Scenario) -> list[str]:
    """Return the reforms by path, as they are found from the hall's own folder."""
    folders = reform_folders(scenario.path.parent)
    found = [find(name, Path(), folders) for name in scenario.reforms]
    return [str(path.resolve()) for path in found if path is not None]


# What was found ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Ensemble:
    """What was found.

    Parameters
    ----------
    request
        What was asked.
    values
        Headline figures and those that judge them, shape (1 + variants, readings, scenarios,
        replications, figures); the hall as described comes first.
    """

    request: EnsembleRequest
    values: npt.NDArray[np.float64]

    @property
    def replications(self) -> int:
        """Of each scenario of each variant."""
        return int(self.values.shape[3])

    @property
    def readings(self) -> list[str]:
        """Names of the readings, the base's own first."""
        return [one.name for one in self.request.family.readings]

    @cached_property
    def _changes(self) -> npt.NDArray[np.float64]:
        """Paired differences from the base, in the shape of `values` less one scenario."""
        return self.values[:, :, 1:] - self.values[:, :, :1]

    @cached_property
    def _met(self) -> npt.NDArray[np.bool_]:
        """Which fits meet the report, shape (variants, readings)."""
        missed = set(self.missed)
        numbers = range(1, self.request.variants + 1)
        return np.array([[(v, name) not in missed for name in self.readings] for v in numbers])

    def _counted(self, reading: int) -> npt.NDArray[np.bool_]:
        """Which variants the intervals of a reading are of, shape (variants,)."""
        met: npt.NDArray[np.bool_] = self._met[:, reading]
        return met if met.sum() >= FEWEST_MET else np.ones_like(met)

    @property
    def hardly_met(self) -> list[str]:
        """Readings of which fewer than two variants meet the report."""
        few = self._met.sum(axis=0) < FEWEST_MET
        return [name for name, one in zip(self.readings, few, strict=True) if one]

    @cached_property
    def _pairs(self) -> dict[tuple[int, int], list[Pair]]:
        """Each scenario beside the base, by variant and reading."""
        names, many = _kept(), range(len(self.request.scenarios))
        return {
            where: [beside(self.values[where], names, 0, number) for number in many]
            for where in product(range(len(self.values)), range(len(self.readings)))
        }

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Every effect of every variant under every reading; variant 0 is the hall as described.

        Within a variant and a reading all headline figures of all scenarios are one family.
        """
        rows: list[tuple[object, ...]] = []
        shown, scenarios = headline(), self.request.scenarios
        for (variant, reading), pairs in self._pairs.items():
            keys = list(product(range(1, len(scenarios)), range(len(shown))))
            found = judged([(pairs[number], shown[at]) for number, at in keys])
            rows += [
                (
                    *(variant, self.readings[reading], scenarios[number].name, shown[at].id),
                    *(shown[at].unit, one.n, one.mean, one.low, one.high),
                    *(one.p_adjusted, str(one.verdict)),
                    variant == AS_DESCRIBED or bool(self._met[variant - 1, reading]),
                )
                for (number, at), one in zip(keys, found, strict=True)
            ]
        return pd.DataFrame(rows, columns=EFFECT_COLUMNS)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Each effect over the variants, by reading and over all.

        Intervals and variances are of the variants that meet the report, as no other hall can be
        the one that it describes (of all where fewer than two do); verdicts are counted over all.
        Over all readings, which are no sample of anything, the mean is that of their means, and
        the interval for a hall reaches over those of all readings.
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
                rows.append({**key, **asdict(spread)} | self._verdicts(key) | self._flips(key))
        frame = pd.DataFrame(rows)
        means = frame[frame["rival"] != ALL].groupby(["scenario", "indicator"])["mean"]
        by_reading = means.var(ddof=1).rename("variance_calibration")
        return frame.merge(by_reading, on=["scenario", "indicator"], how="left")

    def _verdicts(self, key: dict[str, str]) -> dict[str, float]:
        verdicts = self.of(**key)["verdict"]
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

    def _flips(self, key: dict[str, str]) -> dict[str, bool]:
        """Say whether variants that meet the report are told better here and worse there."""
        rows = self.of(**key)
        found = set(rows[rows["meets_report"]]["verdict"])
        opposite = ({str(Verdict.BETTER), str(Verdict.WORSE)}, {"higher", "lower"})
        return {"flips": any(both <= found for both in opposite)}

    def of(self, rival: str, scenario: str, indicator: str, **_: object) -> pd.DataFrame:
        """Return the effects of the variants, without the hall as described."""
        frame = self.effects
        chosen = (frame["scenario"] == scenario) & (frame["indicator"] == indicator)
        if rival != ALL:
            chosen &= frame["rival"] == rival
        return frame[chosen & (frame["variant"] != AS_DESCRIBED)]

    @cached_property
    def best(self) -> pd.DataFrame:
        """How often each scenario has the best mean of each directed figure, by reading.

        None that serves fewer than the base is best by a figure that rests on that.
        """
        rows = []
        for at, one in enumerate(headline()):
            if one.better == "none" or np.isnan(self.values[..., at]).all():
                continue
            means = np.nanmean(self.values[1:, ..., at], axis=3)
            sign = -1 if one.better == "lower" else 1
            found = [[pair.is_of_other_cases(one) for pair in of] for of in self._pairs.values()]
            out = np.isnan(means) | np.array(found).reshape(self.values.shape[:3])[1:]
            winners = np.argmax(np.where(out, -np.inf, sign * means), axis=2)
            for reading, name in enumerate(self.readings):
                for number, scenario in enumerate(self.request.scenarios):
                    times = int((winners[:, reading] == number).sum())
                    rows.append((name, one.id, scenario.name, times, self.request.variants))
        return pd.DataFrame(rows, columns=["rival", "indicator", "scenario", "best_in", "of"])

    @cached_property
    def residuals(self) -> list[Residual]:
        """Every figure of the report beside the simulated one, by fit."""
        family = self.request.family
        pairs = product(range(1, self.request.variants + 1), range(len(family.readings)))
        return [one for variant, reading in pairs for one in residuals(family, variant, reading)]

    @cached_property
    def fits(self) -> pd.DataFrame:
        """The same as a table."""
        columns = ["variant", "rival", "figure", "target", "simulated", "residual", "fitted", "met"]
        rows = [
            (
                *(one.variant, one.reading, one.figure, one.target, one.simulated),
                *(one.residual, one.is_fitted, one.is_met),
            )
            for one in self.residuals
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def missed(self) -> list[tuple[int, str]]:
        """Variant and reading of fits that miss a figure of the report."""
        found = {(one.variant, one.reading): None for one in self.residuals if not one.is_met}
        return list(found)
