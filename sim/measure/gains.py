"""Who gains and who loses: each applicant of a scenario against the same one in the base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.engine.tally import ShortInts
from sim.measure.indicators import Observations
from sim.process.clock import WD_TICKS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SAME_WD = 0.5
"""Changes smaller than this count as none: half a working day, less than anyone plans by."""
BANDS_WD = (SAME_WD, 2.0, 10.0)
"""Sizes that divide changes into bands."""
BANDS = 2 * len(BANDS_WD) + 1

ENDS = ("done", "returned", "withdrawn", "open")
"""How a case stands when its follow-up ends: document in hand, otherwise ended, or not ended."""

TOTALS = (
    "applicants", "gain", "lose", "change_ticks", "gain_ticks", "lose_ticks", "fewer", "more",
    "visits",
)  # fmt: skip
"""What is added up per item: people, ticks of working days, people by visits, change of visits.

A gain is never somebody who went away: giving up takes all of the follow-up, and saves no visit.
"""

_NUMBERS, _LAYERS = 36, 8
"""Bits for the number and the layer of an applicant."""


@dataclass(frozen=True)
class ApplicantOutcomes:
    """How everyone's cases of one replication went; arrays of shape (cases,).

    Parameters
    ----------
    items
        Item of each route.
    who
        Route (or item), layer and number of the applicant in one integer.
    elapsed_ticks
        Ticks of working days from first contact to the end, cut at the follow-up; all of it for who
        gave up.
    visits
        Visits to public offices within the follow-up.
    end
        How the case stands when its follow-up ends, index into `ENDS`.
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
        By `TOTALS` and the base's items, shape (len(TOTALS), items).
    bands
        Applicants by size of the change, shape (`BANDS`,): from the largest gain to the
        largest loss, those without change in the middle.
    ends
        Applicants, gainers and losers by end in the base and in the scenario, shape
        (3, len(ENDS), len(ENDS)).
    only_base, only_scenario
        Applicants who come in one of them only, such as those of a larger volume.
    """

    totals: Floats
    bands: Ints
    ends: Ints
    only_base: int
    only_scenario: int


def applicant_outcomes(observations: Observations) -> ApplicantOutcomes:
    """Return how everyone's cases went, in order of arrival."""
    members = observations.members["all_cases"]
    table = observations.table
    who = table.arrivals
    route = who.route[members] << (_NUMBERS + _LAYERS)
    names = [ENDS.index(name) for name in table.outcomes]
    still_open = ENDS.index("open")
    end = np.array([*names, still_open], np.int8)[table.outcome[members]]
    end[~observations.ended_in_time[members]] = still_open
    return ApplicantOutcomes(
        items=tuple(route.item for route in observations.network.routes),
        who=route | who.layer[members] << _NUMBERS | who.number[members],
        elapsed_ticks=table.elapsed_ticks[members],
        visits=table.visits[members],
        end=end,
    )


def changes(base: ApplicantOutcomes, scenario: ApplicantOutcomes) -> Changes:
    """Compare a replication of a scenario with the same one of the base, person by person.

    Parameters
    ----------
    base, scenario
        The same replication under the same seed.  Items of the scenario that the base has not
        count in no total by item.
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


def _by_item(found: ApplicantOutcomes, number: Mapping[str, int]) -> ApplicantOutcomes:
    """Name applicants by the number of their item instead of the route.

    Where policies change on a date, an item has a route for each.
    """
    numbers = [number[item] for item in found.items]
    if numbers == list(range(len(numbers))):
        return found
    below = _NUMBERS + _LAYERS
    item_of_route = np.array(numbers, np.int64)
    who = item_of_route[found.who >> below] << below | found.who & ((1 << below) - 1)
    return replace(found, who=who)


def _band(change_ticks: ShortInts) -> Ints:
    """Return the band of each change; the middle one lies strictly between the two ties."""
    sizes = np.array([wd * WD_TICKS for wd in BANDS_WD])
    edges = np.concatenate((np.nextafter(-sizes[::-1], np.inf), sizes))
    return np.searchsorted(edges, change_ticks, side="right")


def _ends(first: npt.NDArray[np.int8], second: npt.NDArray[np.int8], band: Ints) -> Ints:
    many, middle = len(ENDS), BANDS // 2
    pair = first.astype(np.int64) * many + second
    by_sign = np.bincount((np.sign(band - middle) + 1) * many**2 + pair, minlength=3 * many**2)
    gainers, same, losers = by_sign.reshape(3, many, many)
    return np.array([gainers + same + losers, gainers, losers])


def _matched(
    base: ApplicantOutcomes, scenario: ApplicantOutcomes
) -> tuple[ApplicantOutcomes, ApplicantOutcomes, int, int]:
    """Return the shared applicants of both in one order, and how many come in one only."""
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


def _chosen(of: ApplicantOutcomes, rows: npt.NDArray[np.intp]) -> ApplicantOutcomes:
    return ApplicantOutcomes(
        of.items, of.who[rows], of.elapsed_ticks[rows], of.visits[rows], of.end[rows]
    )
