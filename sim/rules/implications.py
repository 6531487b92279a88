"""What a reading of the report implies for cases, whether it was intended or not."""

from __future__ import annotations

from dataclasses import dataclass

from sim.process.load import expected_times
from sim.process.network import ProcessNetwork
from sim.process.phases import at
from sim.rules.authorization import CLOCK_STOPPED, goes_off_books
from sim.rules.hall import Hall
from sim.rules.journey import DAYS_PER_MONTH, WORKING_DAYS_PER_YEAR, hall_of, network_of
from sim.rules.offices import STUCK
from sim.scenario.catalogue import Item
from sim.scenario.model import Scenario


@dataclass(frozen=True)
class Implication:
    """How often something that keeps cases open happens to the cases of the hall.

    Parameters
    ----------
    kind
        ``stuck``, ``clock_stopped`` or ``off_books``.
    of_all, of_complex, of_slow
        Times per case: of all hall cases, of those that are not decided in one sitting, and of
        those in the slow departments that are not.  None where there are no such cases.
    lasts_wd
        Mean length in working days, None where it has none of its own.
    """

    kind: str
    of_all: float
    of_complex: float | None
    of_slow: float | None
    lasts_wd: float | None = None


def implications(scenario: Scenario) -> tuple[Implication, ...]:
    """Return what a scenario implies for the cases of the hall; nothing that never happens.

    Parameters
    ----------
    scenario
        The scenario.

    Returns
    -------
    tuple of Implication
        Cases stuck, clocks stopped, and cases off the books, in this order; those whose frequency
        is 0 are left out.
    """
    settings, hall = scenario.settings, hall_of(scenario)
    network = at(network_of(scenario), 0)
    implied = [
        _of_step("stuck", STUCK, scenario, hall, network, _stuck_wd(scenario)),
        _of_step(
            "clock_stopped",
            CLOCK_STOPPED,
            scenario,
            hall,
            network,
            settings.suspension.duration_wd.mean,
        ),
        _implied(
            "off_books",
            {
                item.id: settings.registration.off_books_share
                for item in scenario.items
                if goes_off_books(item, hall)
            },
            scenario,
            hall,
        ),
    ]
    return tuple(implication for implication in implied if implication.of_all > 0)


def _stuck_wd(scenario: Scenario) -> float | None:
    """Return how long a case is stuck on average if nothing else frees it."""
    meetings = scenario.settings.policy.coordination_meetings_per_month
    if not meetings:
        return None
    months = 1 / scenario.settings.stuck.release_probability / meetings
    return months * DAYS_PER_MONTH * WORKING_DAYS_PER_YEAR / 365.25


def _of_step(
    kind: str,
    activity: str,
    scenario: Scenario,
    hall: Hall,
    network: ProcessNetwork,
    lasts_wd: float | None,
) -> Implication:
    times = {route.item: expected_times(route, network, activity) for route in network.routes}
    return _implied(kind, times, scenario, hall, lasts_wd)


def _implied(
    kind: str,
    times: dict[str, float],
    scenario: Scenario,
    hall: Hall,
    lasts_wd: float | None = None,
) -> Implication:
    entered = [item for item in scenario.items if hall.has_entered(item)]
    not_simple = [item for item in entered if not hall.in_one_sitting(item)]
    slow = [item for item in not_simple if hall.departments[item.department].slow]
    mean = [_mean(items, times) for items in (entered, not_simple, slow)]
    return Implication(kind, mean[0] or 0.0, mean[1], mean[2], lasts_wd)


def _mean(items: list[Item], times: dict[str, float]) -> float | None:
    cases = sum(item.cases_per_wd for item in items)
    if not cases:
        return None
    return sum(item.cases_per_wd * times.get(item.id, 0.0) for item in items) / cases
