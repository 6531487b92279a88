"""The hall day in Naga (``nagasim``): a model of blocks, its applicants an order book.

Each applicant is an order, released at arrival; service times and routes are tables by
order (as attributes of the orders they would take Naga three times as long to read in). The
fork is a DUPLICATE whose copies are numbered in turn, the join a
MATCH on the order. The run is set up and stepped by the functions that ``run_model`` itself
uses; its thirty result frames are not made, because they would cost more than the day, and
the times are read from the entities that left.
"""

from __future__ import annotations

from typing import Any

from nagasim import build  # type: ignore[import-not-found,import-untyped,unused-ignore]
from nagasim.core.sim_runner import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    setup_run,
    step_until,
)

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route


def lookup(table: str) -> str:
    return f'TABLE("{table}", entity.order_id)'


def service(model: Any, name: str, capacity: int) -> Any:
    """Add a queue whose service time is in the table of the same name."""
    model.add_resource(name=name, capacity=capacity)
    return model.process(
        resource_name=name, distribution=build.CustomExpression(expression=lookup(name))
    )


def described() -> dict[str, Any]:
    """Describe the hall, without applicants, as Naga's model file does."""
    model = build.Model(time_limit=0, replications=1)
    model.add_variable(name="turn", initial=0)
    arrive = model.create(arrival_mode="Orders", max_arrivals=0)
    window = service(model, "window", WINDOWS)
    called = model.assign(
        assignments=[
            assignment("entity.called", f"now - {lookup('window')}"),
            assignment("entity.route", lookup("route")),
        ]
    )
    route = model.decide(
        mode="Condition",
        conditions=[f"entity.route == {int(step)}" for step in (Route.OFFICE, Route.JOINT)]
        + ["True"],
    )
    leave = model.dispose()
    arrive >> window >> called >> route
    route >> service(model, "office", OFFICERS) >> leave
    fork = model.duplicate(number_of_duplicates=BRANCHES)
    route >> fork
    joint(model, fork) >> leave
    route >> leave
    layout: dict[str, Any] = model.to_dict()
    return layout


def joint(model: Any, fork: Any) -> Any:
    """Add the three branches after a fork and return their join."""
    number = model.assign(
        assignments=[
            assignment("turn", f"(turn + 1) % {BRANCHES}"),
            assignment("entity.e_type", 'IF(turn == 0, "A", IF(turn == 1, "B", "C"))'),
        ]
    )
    branch = model.decide(
        mode="Condition", conditions=[f'entity.e_type == "{kind}"' for kind in "ABC"]
    )
    join = model.match(number_to_match=BRANCHES, match_on="order_id")
    fork >> number >> branch
    for step in range(BRANCHES):
        desk = service(model, f"branch {step}", BRANCH_OFFICERS)
        branch >> desk >> join
    return join


def assignment(target: str, expression: str) -> dict[str, str]:
    return {"target": target, "expr": expression}


def applicants(day: Day) -> dict[str, Any]:
    """Write the day's applicants as an order book and tables by order."""
    names = [str(number) for number in range(len(day.arrivals))]
    columns = {
        "window": day.window,
        "route": day.route,
        "office": day.office,
        **{f"branch {step}": times for step, times in enumerate(day.branches.T)},
    }
    return {
        "orders": [
            {"id": name, "release": time}
            for name, time in zip(names, day.arrivals.tolist(), strict=True)
        ],
        "tables": [
            {"name": name, "keys": names, "values": values.tolist()}
            for name, values in columns.items()
        ],
    }


HALL = described()


def run(day: Day) -> Outcome:
    """Play one day."""
    environment, _ = setup_run({**HALL, **applicants(day)}, seed=0, run_len=0, warmup=0)
    step_until(environment)
    record = Record(day)
    for entity in environment.ctx.all_entities:
        number = int(entity.order_id)
        record.called[number] = entity.called
        record.left[number] = entity.deletion_time
    return record.outcome()
