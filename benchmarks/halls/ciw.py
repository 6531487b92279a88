"""The hall day in Ciw: five nodes, service times looked up by individual.

Ciw has no fork and join. It has custom nodes, which its documentation offers for behaviour
of one's own, so the window's node here sends two more individuals to the other branches and
the exit node takes the last of the three as the join: the same model, with the same queues.
"""

from __future__ import annotations

from typing import Any

import ciw  # type: ignore[import-not-found,import-untyped,unused-ignore]

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route

WINDOW_NODE, OFFICE_NODE, FIRST_BRANCH_NODE, EXIT_NODE = 1, 2, 3, -1


class Tabled(ciw.dists.Distribution):  # type: ignore[misc,unused-ignore]
    """Service times by applicant instead of by chance."""

    def __init__(self, times: list[float]) -> None:
        self.times = times

    def sample(self, t: float | None = None, ind: Any = None) -> float:  # noqa: ARG002
        applicant: int = ind.applicant
        return self.times[applicant]

    def __deepcopy__(self, memo: dict[int, Any]) -> Tabled:
        # Ciw copies every distribution for every run; a table is never changed.
        return self


class Arrival(ciw.ArrivalNode):  # type: ignore[misc,unused-ignore]
    """Number the applicants from zero."""

    def send_individual(self, next_node: Any, next_individual: Any) -> None:
        next_individual.applicant = next_individual.id_number - 1
        super().send_individual(next_node, next_individual)


class Window(ciw.Node):  # type: ignore[misc,unused-ignore]
    """The windows: note the start of service, and fork the joint cases."""

    def next_node(self, ind: Any) -> Any:
        simulation = self.simulation
        simulation.hall.called[ind.applicant] = ind.service_start_date
        route = simulation.routes[ind.applicant]
        if route == Route.OFFICE:
            return simulation.nodes[OFFICE_NODE]
        return simulation.nodes[FIRST_BRANCH_NODE if route == Route.JOINT else EXIT_NODE]

    def release(self, next_individual: Any, next_node: Any, reroute: bool = False) -> None:  # noqa: FBT001, FBT002
        super().release(next_individual, next_node, reroute)
        if next_node.id_number == FIRST_BRANCH_NODE:
            for branch in range(1, BRANCHES):
                twin = self.simulation.IndividualType(
                    next_individual.id_number, next_individual.customer_class
                )
                twin.applicant = next_individual.applicant
                self.simulation.nodes[FIRST_BRANCH_NODE + branch].accept(twin)


class Exit(ciw.ExitNode):  # type: ignore[misc,unused-ignore]
    """The door: note who left; of three branches, the last to come is the join."""

    record: Record

    def accept(self, next_individual: Any, completed: bool = True) -> None:  # noqa: FBT001, FBT002
        super().accept(next_individual, completed)
        self.record.left[next_individual.applicant] = next_individual.data_records[-1].exit_date


def network(day: Day) -> Any:
    """Describe the day's queues to Ciw."""
    gaps = [*day.arrivals[:1].tolist(), *(day.arrivals[1:] - day.arrivals[:-1]).tolist()]
    branches = [Tabled(times) for times in day.branches.T.tolist()]
    nodes = 2 + BRANCHES
    return ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, float("inf")]), *[None] * (nodes - 1)],
        service_distributions=[
            Tabled(day.window.tolist()),
            Tabled(day.office.tolist()),
            *branches,
        ],
        number_of_servers=[WINDOWS, OFFICERS, *[BRANCH_OFFICERS] * BRANCHES],
        routing=[[0.0] * nodes for _ in range(nodes)],
    )


def run(day: Day) -> Outcome:
    """Play one day."""
    record = Record(day)
    simulation: Any = ciw.Simulation(
        network(day),
        arrival_node_class=Arrival,
        node_class=[Window, *[ciw.Node] * (1 + BRANCHES)],
        exit_node_class=Exit,
    )
    simulation.hall = simulation.nodes[EXIT_NODE].record = record
    simulation.routes = day.route.tolist()
    leaving = len(day.arrivals) + (BRANCHES - 1) * simulation.routes.count(Route.JOINT)
    simulation.simulate_until_max_customers(leaving, method="Finish")
    return record.outcome()
