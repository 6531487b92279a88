"""Draw halls from what is not known, and weight them by how well they explain the report.

A pilot of draws teaches linear emulators of the figures of the report.  Further draws are kept
with the probability with which the emulators think they fit, simulated, and weighted by their
likelihood divided by this probability: importance sampling, so the emulators cost accuracy, never
truth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr
from scipy.stats import qmc

from sim.chance.philox import word
from sim.measure.definitions import indicators
from sim.process.load import heaviest
from sim.rules.journey import network_of
from sim.running.cells import Cells, key_of, records
from sim.running.drawn_halls import DrawnHall
from sim.running.replication import preparations_of, prepare
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError
from sim.stats.emulator import Emulator, emulate
from sim.stats.history_matching import effective_sample_size, implausibility, likelihood
from sim.studies.ensemble.matching import Matching, informative, stretched

Floats = npt.NDArray[np.float64]

EFFECTIVE = 200
"""Effective sample size at which drawing ends."""
HISTORIES = 40
"""Histories of the hall as described, from which the variance of one history is estimated."""
PILOT, FEWEST_PILOTS, MOST_PILOT_ROUNDS = 256, 120, 8
"""Draws in a round of the pilot, runs that teach the emulators, and rounds at most."""
CANDIDATES, MOST_ROUNDS = 512, 60
"""Draws in a round, and rounds at most."""
TRIALS = 1500
"""Trials of a reading, roughly; only to estimate the remaining time."""
LEAST_CHANCE = 0.1
"""What the emulators think is given no less weight than this, lest they be wrong."""
TINY = 1e-9
"""Added to the variance of a load that never varies."""
LOAD = "load"
"""Name of the emulator of the heaviest load."""
APART = 1_000_000_000
"""Between the seeds of the histories that are matched and of those in which reforms are compared: a
hall is kept if its histories happen to be near the report, and others are not biased by that."""
NEAR = 3.0
"""Halls of a larger implausibility do not fit: together they weigh next to nothing, unless no hall
fits."""
RAN, OVERLOADED, CONTRADICTORY = 0, 1, 2
"""What became of a draw."""


@dataclass(frozen=True)
class HallTrial:
    """A drawn hall to be simulated.

    Parameters
    ----------
    reading
        The hall as described.
    hall
        The draw.
    histories
        Number of histories.
    runner
        Works out the histories in this process, with the seed of the sample.
    """

    reading: Scenario
    hall: DrawnHall
    histories: int
    runner: Runner

    @property
    def key(self) -> str:
        """Name of the cell that keeps the result."""
        contents = [self.reading.content, f"trial {self.hall.digest}"]
        return key_of(contents, 0, self.histories, self.runner.seed)


def simulated(trial: HallTrial) -> npt.NDArray[np.void]:
    """Simulate a drawn hall, unless it is overloaded or contradicts itself.

    Parameters
    ----------
    trial
        The hall.

    Returns
    -------
    ndarray
        Records with ``indicators`` (NaN unless it ran), ``load`` (the heaviest) and ``fate``, shape
        (histories,).
    """
    runner = trial.runner
    kept = runner.cells.get(trial.key)
    if kept is not None:
        return kept
    nothing = np.full(len(indicators()), np.nan)
    fate, load, rows = RAN, np.nan, [nothing] * trial.histories
    try:
        scenario = trial.hall.of(trial.reading)
    except InputError:
        fate = CONTRADICTORY
    else:
        network = network_of(scenario)
        load = heaviest(network)
        if load >= 1:
            fate = OVERLOADED
        else:
            ready = preparations_of(runner.run_id)
            ready.get(scenario.content, lambda: prepare(scenario, network))
            seed = trial.hall.seed_of_histories(runner.seed + APART)
            seeded = replace(runner, seed=seed, cells=Cells())
            rows = list(seeded.figures([scenario], range(trial.histories)).values[0])
    same = {"load": np.array(load), "fate": np.array(fate)}
    result = records([{"indicators": row, **same} for row in rows])
    runner.cells.put(trial.key, result)
    return result


@dataclass(frozen=True)
class Drawn:
    """Draws and what became of them.

    Parameters
    ----------
    places
        In the ranges, 0 to 1, shape (draws, factors).
    halls
        One per draw.
    values
        Every indicator, shape (draws, histories, indicators); NaN unless the draw ran.
    loads
        Work offered to the people with the heaviest load, divided by their capacity; NaN for
        contradictory draws; shape (draws,).
    fates
        `RAN`, `OVERLOADED` or `CONTRADICTORY`, shape (draws,).
    chances
        Probability with which each was kept, shape (draws,).
    """

    places: Floats
    halls: tuple[DrawnHall, ...]
    values: Floats
    loads: Floats
    fates: npt.NDArray[np.int64]
    chances: Floats

    def __add__(self, other: Drawn) -> Drawn:
        return Drawn(
            np.concatenate([self.places, other.places]),
            self.halls + other.halls,
            np.concatenate([self.values, other.values]),
            np.concatenate([self.loads, other.loads]),
            np.concatenate([self.fates, other.fates]),
            np.concatenate([self.chances, other.chances]),
        )

    @property
    def ran(self) -> npt.NDArray[np.bool_]:
        """Which draws were simulated, shape (draws,)."""
        return np.asarray(self.fates == RAN)


@dataclass(frozen=True)
class Sample:
    """Weighted halls under one reading of the report.

    Parameters
    ----------
    matching
        With the figures that were compared.
    variance
        Covariance of these figures in one history, shape (figures, figures).
    candidates
        Number of draws, of which the emulators kept some.
    drawn
        Those kept.
    distances, weights
        Implausibility and weight of each draw kept, shape (draws,); infinite and 0 unless it ran,
        and weight 0 from an implausibility of `NEAR` on.
    """

    matching: Matching
    variance: Floats
    candidates: int
    drawn: Drawn
    distances: Floats
    weights: Floats

    @property
    def effective(self) -> float:
        """Effective sample size."""
        return effective_sample_size(self.weights)


@dataclass(frozen=True)
class Pilot:
    """What the first draws taught.

    Parameters
    ----------
    matching
        With the figures that tell halls apart.
    variance
        Covariance of these figures in one history, shape (figures, figures).
    scales
        Emulators of the figures that parameters are scaled to, by id.
    drawn
        The draws; None if nothing is matched or scaled.
    """

    matching: Matching
    variance: Floats
    scales: Mapping[str, Emulator]
    drawn: Drawn | None


@dataclass(frozen=True)
class Sampler:
    """Draws the halls of one reading.

    Parameters
    ----------
    matching
        What is drawn and matched.
    number
        Number of the reading, from 0, which decides the draws together with the seed.
    seed
        Seed of the draws.
    histories
        Histories of each draw.
    runner
        Simulates the draws in parallel.
    """

    matching: Matching
    number: int
    seed: int
    histories: int
    runner: Runner

    def sample(self, effective: float = EFFECTIVE) -> Sample:
        """Draw halls until the effective sample size is reached.

        Parameters
        ----------
        effective
            Effective sample size wanted.

        Returns
        -------
        Sample
            Smaller if it is not reached within `MOST_ROUNDS` rounds.

        Raises
        ------
        StoppedError
            After Ctrl-C; finished draws are kept.
        RunError
            If workers fail or a file cannot be written.
        """
        pilot = self._pilot()
        sampler = replace(self, matching=pilot.matching)
        drawn, candidates, sample = None, 0, None
        for round_number in range(MOST_ROUNDS):
            emulators = sampler.emulators(pilot, drawn)
            places, chances = sampler.candidates(round_number, emulators, pilot.variance)
            candidates += CANDIDATES
            first = PILOT * MOST_PILOT_ROUNDS + CANDIDATES * round_number + 1
            runner = sampler.with_progress(effective, sample)
            new = sampler.run(places, chances, first, pilot.scales, runner)
            drawn = new if drawn is None else drawn + new
            sample = sampler.weighted(drawn, candidates, pilot.variance)
            if sample.effective >= effective:
                break
        assert sample is not None  # noqa: S101  (there is at least one round)
        return sample

    def _pilot(self) -> Pilot:
        """Draw halls evenly, to learn which figures tell halls apart and how to scale."""
        matching = self.matching
        as_described = self.runner.figures([matching.reading], range(HISTORIES)).values[0]
        if not (matching.figures or matching.scaled):
            return Pilot(matching, np.zeros((0, 0)), {}, None)
        drawn: Drawn | None = None
        for number in range(MOST_PILOT_ROUNDS):
            places = self._places(number, PILOT, "pilot")[:, :-1]
            new = self.run(places, np.ones(PILOT), PILOT * number + 1, {}, self.with_progress())
            drawn = new if drawn is None else drawn + new
            if drawn.ran.sum() >= FEWEST_PILOTS:
                break
        assert drawn is not None  # noqa: S101  (there is at least one round)
        means = drawn.values[drawn.ran].mean(axis=1)
        if len(means) >= FEWEST_PILOTS // 2:
            matching = informative(matching, drawn.values[drawn.ran][:, 0])
            names = list(indicators())
            scales = {
                scaled.figure: emulate(
                    drawn.places[drawn.ran], means[:, names.index(scaled.figure)]
                )
                for scaled in matching.scaled
            }
        else:
            scales = {}
        compared = matching.compared(as_described)
        variance = np.cov(compared.T).reshape([len(matching.figures)] * 2)
        return Pilot(matching, variance, scales, drawn)

    def emulators(self, pilot: Pilot, drawn: Drawn | None) -> dict[str, Emulator]:
        """Return emulators of the figures, taught by all that has been simulated.

        Parameters
        ----------
        pilot
            Draws of the pilot.
        drawn
            Further draws; None if there are none yet.

        Returns
        -------
        dict
            By id of the figure, and of the logarithm of the load; empty if too little has been
            simulated.
        """
        if pilot.drawn is None:
            return {}
        known = pilot.drawn if drawn is None else pilot.drawn + drawn
        places, means = known.places[known.ran], known.values[known.ran].mean(axis=1)
        if len(means) < FEWEST_PILOTS // 2:
            return {}
        outputs, _ = stretched(self.matching, self.matching.compared(means))
        emulators = {
            name: emulate(places, outputs[:, at]) for at, name in enumerate(self.matching.figures)
        }
        loaded = known.loads > 0
        emulators[LOAD] = emulate(known.places[loaded], np.log(known.loads[loaded]))
        return emulators

    def _places(self, round_number: int, draws: int, purpose: str) -> Floats:
        """Return a Latin hypercube, shape (draws, factors + 1); the last column decides."""
        seed = word(f"{purpose} {self.seed} {self.number} {round_number}")
        cube = qmc.LatinHypercube(len(self.matching.factors) + 1, rng=int(seed))
        return np.asarray(cube.random(draws))

    def candidates(
        self, round_number: int, emulators: Mapping[str, Emulator], variance: Floats
    ) -> tuple[Floats, Floats]:
        """Draw places in the ranges, and decide which of them are kept.

        Parameters
        ----------
        round_number
            From 0.
        emulators
            Of the figures; without any, all are kept.
        variance
            Covariance of the figures in one history.

        Returns
        -------
        places, chances : ndarray
            Shapes (draws, factors) and (draws,): the probability with which each was to be kept,
            0 for those that are not.

        Notes
        -----
        The weights vary least if draws are kept in proportion to the root of the expected squared
        likelihood, and only if they work; the root of the normal likelihood stands for it.
        """
        cube = self._places(round_number, CANDIDATES, "sample")
        places, decides = cube[:, :-1], cube[:, -1]
        matching = self.matching
        if not matching.figures or not emulators:
            return places, np.ones(len(places))
        observed, slopes = stretched(matching, matching.observed[None])
        allowed = np.diag(variance) * (1 + 1 / self.histories) + matching.discrepancy**2
        squares = np.zeros(len(places))
        for at, name in enumerate(matching.figures):
            emulator = emulators[name]
            spread = emulator.variance + slopes[0, at] ** 2 * allowed[at]
            squares += (emulator.predict(places) - observed[0, at]) ** 2 / spread
        load = emulators[LOAD]
        works = ndtr(-load.predict(places) / math.sqrt(load.variance + TINY))
        chances = np.maximum(np.exp(-squares / 4), LEAST_CHANCE) * np.maximum(works, LEAST_CHANCE)
        return places, np.where(decides < chances, chances, 0.0)

    def run(
        self,
        places: Floats,
        chances: Floats,
        first: int,
        scales: Mapping[str, Emulator],
        runner: Runner,
    ) -> Drawn:
        """Simulate the draws that are kept.

        Parameters
        ----------
        places, chances
            As `candidates` returns them.
        first
            Number of the first draw.
        scales
            Emulators of the figures that parameters are scaled to; without any, none is scaled.
        runner
            Simulates the draws in parallel.

        Returns
        -------
        Drawn
            The draws kept.
        """
        kept = np.flatnonzero(chances > 0)
        matching = self.matching
        halls = []
        for at in kept:
            values = matching.drawn(places[at])
            if scales:
                values |= matching.scales(places[at], scales)
            halls.append(DrawnHall(self.seed, first + int(at), tuple(values.items())))
        # Each trial works out its histories in sequence; remote workers have no folder for cells.
        cells = runner.cells if runner.workers.scheduler is None else Cells()
        own = replace(runner, seed=self.seed, workers=Workers(1), cells=cells, progress=None)
        trials = [HallTrial(matching.reading, hall, self.histories, own) for hall in halls]
        done = {trial.hall.number: rows for trial, rows in runner.each(simulated, trials)}
        found = [done[hall.number] for hall in halls]
        return Drawn(
            places[kept],
            tuple(halls),
            np.array([rows["indicators"] for rows in found]),
            np.array([float(rows["load"][0]) for rows in found]),
            np.array([int(rows["fate"][0]) for rows in found]),
            chances[kept],
        )

    def with_progress(self, effective: float = 0, before: Sample | None = None) -> Runner:
        """Return the runner, which reports its trials as a part of all that may be needed.

        Parameters
        ----------
        effective
            Effective sample size wanted.
        before
            What has been reached; None if nothing has.

        Returns
        -------
        Runner
            With about how many trials there will be.
        """
        if before is None or not before.effective:
            return self.runner.as_part(0, lambda trials: max(trials, TRIALS))
        done = len(before.drawn.halls)
        needed = round(done * effective / before.effective)
        return self.runner.as_part(done, lambda trials: max(done + trials, needed))

    def weighted(self, drawn: Drawn, candidates: int, variance: Floats) -> Sample:
        """Weight draws by likelihood, divided by the probability with which each was kept.

        Parameters
        ----------
        drawn
            Draws kept.
        candidates
            Number of all draws.
        variance
            Covariance of the figures in one history.

        Returns
        -------
        Sample
            Weight 0 for draws that did not run or are not near the report.
        """
        matching = self.matching
        means = matching.compared(drawn.values.mean(axis=1))
        distances = implausibility(
            means, matching.observed, variance, self.histories, matching.discrepancy
        )
        distances[~drawn.ran] = np.inf
        weights = np.where(distances < NEAR, likelihood(distances), 0.0) / drawn.chances
        return Sample(matching, variance, candidates, drawn, distances, weights)
