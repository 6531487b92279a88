"""What measuring needs to know of a hall: its items, its people and its promises."""

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
        Whether the item is in the hall, and with full authority.
    fee_yuan, promised_wd
        Fee and promised limit.
    census_s, follow_up_wd
        Time of the census, and working days that each case is followed.
    census_wd
        Working days until the census.
    wait_target_min, hall_places
        Wait that the hall promises, and people its floor holds in comfort.
    complaints
        Hazard of a complaint.
    fixed
        Figures of the hall that no chance touches, such as the entry rate.
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
    """Collect what measuring needs from a scenario."""
    settings = scenario.settings
    variants = (scenario,) if scenario.transition is None else scenario.transition.variants
    halls = [hall_of(variant) for variant in variants]
    items = {item.id: item for item in scenario.items}
    found = [(items[route.item], halls[route.variant]) for route in network.routes]
    entered = [hall.has_entered(item) for item, hall in found]
    full = [hall.has_entered(item) and hall.level(item) == "full" for item, hall in found]
    promised = [hall.promised_wd(item) for item, hall in found]
    census = census_s(settings)
    opens = network.working_days.day_opens
    return HallFacts(
        entered=np.array(entered),
        full=np.array(full),
        fee_yuan=np.array([item.fee_yuan for item, _ in found]) * settings.fees.scale,
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
