"""Gains and losses: each applicant of a scenario compared with the same one in the base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.engine.tally import ShortInts
from sim.measure.observations import Observations
from sim.process.clock import WD_TICKS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SAME_WD = 0.5
"""Changes smaller than this count as none: half a working day, too short for anyone to plan by."""
BANDS_WD = (SAME_WD, 2.0, 10.0)
"""Sizes of changes, in working days, that separate the bands of gains and losses."""
BANDS = 2 * len(BANDS_WD) + 1

ENDS = ("done", "returned", "withdrawn", "open")
"""State of a case when its follow-up ends: document in hand, ended otherwise, or not ended."""

TOTALS = (
    "applicants", "gain", "lose", "change_ticks", "gain_ticks", "lose_ticks", "fewer", "more",
    "visits",
)  # fmt: skip
"""What is added up for each item.

Numbers of applicants, of those who gain and of those who lose; changes of elapsed time, of all,
of gainers and of losers, in ticks of a working day; numbers of applicants with fewer and with more
visits; change of the number of visits.

An applicant who gives up never counts as a gain: the whole follow-up is their elapsed time, and
they are not among those with fewer visits.
"""

_NUMBERS, _LAYERS = 36, 8
"""Bits for the number and the layer of an applicant."""


@dataclass(frozen=True)
class ApplicantOutcomes:
    """Outcomes of everyone's cases in one replication; arrays of shape (cases,).

    Parameters
    ----------
    items
        Item of each route.
    who
        Identity of the applicant: route (or item), layer and number packed into one integer.
    elapsed_ticks
        Ticks of a working day from first contact to the end, at most the follow-up; all of the
        follow-up for those who gave up.
    visits
        Visits to public offices within the follow-up.
    end
        State of the case when its follow-up ends, index into `ENDS`.
    """

    items: tuple[str, ...]
    who: Ints
    elapsed_ticks: ShortInts
    visits: ShortInts
    end: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Changes:
    """What one replication of a scenario changes for the applicants it shares with the base.

    Parameters
    ----------
    totals
        Sums by `TOTALS` and the base's items, shape (len(TOTALS), items).
    bands
        Numbers of applicants by size of the change, shape (`BANDS`,): from the largest gain to
        the largest loss, those without change in the middle.
    ends
        Numbers of applicants, gainers and losers by state at the end of the follow-up in the base
        and in the scenario, shape (3, len(ENDS), len(ENDS)).
    only_base, only_scenario
        Numbers of applicants who come in one of them only, such as those of a larger volume.
    """

    totals: Floats
    bands: Ints
    ends: Ints
    only_base: int
    only_scenario: int


def applicant_outcomes(observations: Observations) -> ApplicantOutcomes:
    """Return the outcomes of everyone's cases, in order of arrival.

    Parameters
    ----------
    observations
        Observations of one replication.

    Returns
    -------
    ApplicantOutcomes
        Of all cases with first contact before the census.
    """
    members = observations.members["all_cases"]
    table = observations.table
    arrivals = table.arrivals
    route = arrivals.route[members] << (_NUMBERS + _LAYERS)
    names = [ENDS.index(name) for name in table.outcomes]
    still_open = ENDS.index("open")
    end = np.array([*names, still_open], np.int8)[table.outcome[members]]
    end[~observations.ended_in_time[members]] = still_open
    return ApplicantOutcomes(
        items=tuple(route.item for route in observations.network.routes),
        who=route | arrivals.layer[members] << _NUMBERS | arrivals.number[members],
        elapsed_ticks=table.elapsed_ticks[members],
        visits=table.visits[members],
        end=end,
    )


def applicant_changes(base: ApplicantOutcomes, scenario: ApplicantOutcomes) -> Changes:
    """Compare a replication of a scenario with the same one of the base, person by person.

    Parameters
    ----------
    base, scenario
        Outcomes of the same replication under the same seed.  Items of the scenario that the base
        does not have count in no total.

    Returns
    -------
    Changes
        Scenario minus base, of the applicants who come in both.
    """
    known = dict.fromkeys(base.items)
    items = len(known)
    number = {item: place for place, item in enumerate({**known, **dict.fromkeys(scenario.items)})}
    base, scenario = _by_item(base, number), _by_item(scenario, number)
    first, second, only_base, only_scenario = _matched(base, scenario)
    item = first.who >> (_NUMBERS + _LAYERS)
    change_ticks = second.elapsed_ticks - first.elapsed_ticks
    visits = second.visits - first.visits
    band = _band(change_ticks)
    middle = BANDS // 2
    gain, lose = band < middle, band > middle

    def by_each(weights: npt.NDArray[np.generic]) -> Floats:
        return np.asarray(np.bincount(item, weights, items), float)

    return Changes(
        totals=np.array(
            [
                np.bincount(item, minlength=items),
                by_each(gain),
                by_each(lose),
                by_each(change_ticks),
                by_each(change_ticks * gain),
                by_each(change_ticks * lose),
                by_each((visits < 0) & (second.end != ENDS.index("withdrawn"))),
                by_each(visits > 0),
                by_each(visits),
            ],
            float,
        ),
        bands=np.bincount(band, minlength=BANDS),
        ends=_ends(first.end, second.end, band),
        only_base=only_base,
        only_scenario=only_scenario,
    )


def _by_item(outcomes: ApplicantOutcomes, number: Mapping[str, int]) -> ApplicantOutcomes:
    """Identify applicants by the number of their item instead of the route.

    Where policies change on a date, an item has a route for each.
    """
    numbers = [number[item] for item in outcomes.items]
    if numbers == list(range(len(numbers))):
        return outcomes
    below = _NUMBERS + _LAYERS
    item_of_route = np.array(numbers, np.int64)
    who = item_of_route[outcomes.who >> below] << below | outcomes.who & ((1 << below) - 1)
    return replace(outcomes, who=who)


def _band(change_ticks: ShortInts) -> Ints:
    """Return the band of each change; the middle one excludes changes of exactly ±`SAME_WD`."""
    sizes = np.array([wd * WD_TICKS for wd in BANDS_WD])
    edges = np.concatenate((np.nextafter(-sizes[::-1], np.inf), sizes))
    return np.searchsorted(edges, change_ticks, side="right")


def _ends(first: npt.NDArray[np.int8], second: npt.NDArray[np.int8], band: Ints) -> Ints:
    states, middle = len(ENDS), BANDS // 2
    pair = first.astype(np.int64) * states + second
    by_sign = np.bincount((np.sign(band - middle) + 1) * states**2 + pair, minlength=3 * states**2)
    gainers, same, losers = by_sign.reshape(3, states, states)
    return np.array([gainers + same + losers, gainers, losers])


def _matched(
    base: ApplicantOutcomes, scenario: ApplicantOutcomes
) -> tuple[ApplicantOutcomes, ApplicantOutcomes, int, int]:
    """Return the shared applicants of both in the same order, and how many come in one only."""
    if np.array_equal(base.who, scenario.who):
        return base, scenario, 0, 0
    _, first, second = np.intersect1d(
        base.who, scenario.who, assume_unique=True, return_indices=True
    )
    return (
        _chosen(base, first),
        _chosen(scenario, second),
        len(base.who) - len(first),
        len(scenario.who) - len(second),
    )


def _chosen(outcomes: ApplicantOutcomes, rows: npt.NDArray[np.intp]) -> ApplicantOutcomes:
    return ApplicantOutcomes(
        outcomes.items,
        outcomes.who[rows],
        outcomes.elapsed_ticks[rows],
        outcomes.visits[rows],
        outcomes.end[rows],
    )
