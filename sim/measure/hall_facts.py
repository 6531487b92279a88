"""Facts about a hall that its indicators need: its items, its people and its promises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.process.network import ProcessNetwork
from sim.process.phases import at
from sim.rules.hall import Hall
from sim.rules.journey import hall_of
from sim.rules.working_time import census_s
from sim.scenario.model import Scenario
from sim.scenario.schema import Complaints

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class HallFacts:
    """Facts about the routes of a network, arrays of shape (routes,), and about the hall.

    Parameters
    ----------
    entered, full
        Whether the item is in the hall, and whether its windows have full authority for it.
    fee_yuan, promised_wd
        Fee in yuan, and promised time limit in working days.
    census_s, follow_up_wd
        Time of the census in seconds since the start, and working days for which each case is
        followed.
    census_wd
        Number of working days until the census.
    wait_target_min, hall_places
        Longest wait that the hall promises, in minutes, and number of people for whom its floor
        has room.
    complaints
        Parameters of the hazard of a complaint.
    fixed
        Figures of the hall that do not depend on chance, such as the entry rate, by id.
    """

    entered: Flags
    full: Flags
    fee_yuan: Floats
    promised_wd: Floats
    census_s: int
    follow_up_wd: int
    census_wd: int
    wait_target_min: float
    hall_places: float
    complaints: Complaints
    fixed: dict[str, float]


def hall_facts(scenario: Scenario, network: ProcessNetwork) -> HallFacts:
    """Collect the facts that the indicators of a scenario need.

    Parameters
    ----------
    scenario
        The scenario, with its policies before and after a transition if there is one.
    network
        The network built from it.

    Returns
    -------
    HallFacts
        By route of the network; `fixed` is of the last policy and of the groups at the census.
    """
    settings = scenario.settings
    variants = (scenario,) if scenario.transition is None else scenario.transition.variants
    halls = [hall_of(variant) for variant in variants]
    items = {item.id: item for item in scenario.items}
    routes = [(items[route.item], halls[route.variant]) for route in network.routes]
    entered = [hall.has_entered(item) for item, hall in routes]
    full = [hall.has_entered(item) and hall.level(item) == "full" for item, hall in routes]
    promised = [hall.promised_wd(item) for item, hall in routes]
    census = census_s(settings)
    opens = network.working_days.day_opens
    return HallFacts(
        entered=np.array(entered),
        full=np.array(full),
        fee_yuan=np.array([item.fee_yuan for item, _ in routes]) * settings.fees.scale,
        promised_wd=np.array(promised),
        census_s=census,
        follow_up_wd=settings.horizon.follow_up_wd,
        census_wd=sum(opening < census for opening in opens),
        wait_target_min=settings.hall.wait_target_min,
        hall_places=settings.hall.area_m2 * settings.hall.people_per_m2,
        complaints=settings.complaints,
        fixed=_fixed(scenario, halls[-1], at(network, census)),
    )


def _fixed(scenario: Scenario, hall: Hall, network: ProcessNetwork) -> dict[str, float]:
    inside = [item for item in scenario.items if hall.has_entered(item)]
    full = [item for item in inside if hall.level(item) == "full"]
    immediate = [item for item in full if hall.decides_at_once(item)]
    people = [len(group.people) for group in network.groups]
    windows = [len(group.people) for group in network.groups if group.calendar == "hall"]
    entered = max(1, len(inside))
    return {
        "entry_rate": len(inside) / len(scenario.items),
        "authorization_rate": len(full) / entered,
        "immediate_item_rate": len(immediate) / entered,
        "window_staff": float(sum(windows)),
        "staff_total": float(sum(people)),
    }
