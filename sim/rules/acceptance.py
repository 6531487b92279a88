"""Acceptance 受理: papers, one-time notice, make-up, return."""

from __future__ import annotations

from sim.process.blocks import (
    Block,
    Chance,
    Choice,
    Delay,
    Exit,
    Mark,
    Serve,
    Visit,
    sequence,
)
from sim.rules.hall import Hall, chance, days
from sim.rules.staffing import reception_skill
from sim.rules.tickets import Step, ticket
from sim.scenario.catalogue import Item

WITHDRAWN, RETURNED = "withdrawn", "returned"


def acceptance(item: Item, hall: Hall) -> Block:
    """Hand in the papers until they are complete; after too many attempts, withdraw."""
    received = Mark("received") if hall.has_entered(item) else None
    return sequence(received, _attempt(item, hall, 0), Mark("accepted"))


def _attempt(item: Item, hall: Hall, number: int) -> Block:
    papers = hall.settings.papers
    returned = Choice(
        ((Chance(chance("returned"), papers.returned_rate), Exit(RETURNED)),),
        "outside the remit?",
        "acceptance · papers.returned_rate",
    )
    rate, path = (
        (papers.incomplete_rate, "papers.incomplete_rate")
        if number == 0
        else (papers.notice_gap_rate, "papers.notice_gap_rate")
    )
    if number + 1 < papers.attempts:
        again = sequence(
            Mark("made_up"),
            Delay(
                activity="make up papers",
                phase="applicant",
                duration=days("make_up", papers.make_up_wd, number),
                calendar="office",
                origin="acceptance · papers.make_up_wd",
            ),
            Visit(hall.place(item), "acceptance · papers.make_up_wd"),
            _attempt(item, hall, number + 1),
        )
    else:
        again = sequence(Mark("made_up"), Exit(WITHDRAWN, "acceptance · papers.attempts"))
    return sequence(
        _hand_in(item, hall, number),
        returned if number == 0 else None,
        Choice(
            ((Chance(chance("incomplete", number), rate), again),),
            "papers incomplete?",
            f"acceptance · {path}",
        ),
    )


def _hand_in(item: Item, hall: Hall, number: int) -> Block:
    service = hall.settings.service
    if hall.has_entered(item):
        return ticket(
            hall,
            item.department,
            activity="accept",
            duration=hall.work("accept_work", service.accept_min, number),
            step=Step.ACCEPT + number,
            give_up=Exit(WITHDRAWN, "acceptance · hall.attempts"),
            origin="acceptance · service.accept_min",
        )
    return Serve(
        activity="receive at the department",
        phase="service",
        wait_phase="hall_wait",
        skill=reception_skill(item.department),
        duration=hall.work("accept_work", service.reception_min, number),
        origin="acceptance · service.reception_min",
    )
