"""Acceptance 受理: papers, one-time notice, make-up, return."""

from __future__ import annotations

from sim.process.blocks import (
    WITHDRAWN,
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
from sim.rules.hall import HALL, Hall, chance, days, shared
from sim.rules.offices import attended, come
from sim.rules.staffing import reception_skill
from sim.rules.tickets import TicketStep, ticket
from sim.scenario.catalogue import Item

RETURNED = "returned"


def acceptance(item: Item, hall: Hall, *, registered: bool = True) -> Block:
    """Hand in the papers until they are complete; after too many attempts, withdraw.

    Parameters
    ----------
    item
        The item applied for.
    hall
        The hall under its policy.
    registered
        Whether receipt and acceptance are recorded now; False for a case off the books, which is
        registered later.

    Returns
    -------
    Block
        It ends the case as returned (outside the remit) or withdrawn, or goes on when accepted.
    """
    attempt = _attempt(hall, item.department, hall.place(item), 0)
    if not registered:
        return attempt
    received = Mark("received") if hall.has_entered(item) else None
    return sequence(received, attempt, Mark("accepted"))


@shared
def _attempt(hall: Hall, unit: str, place: str, number: int) -> Block:
    papers = hall.settings.papers
    returned = Choice(
        ((Chance(chance("returned"), papers.returned_rate), Exit(RETURNED)),),
        "outside the remit?",
        "acceptance · papers.returned_rate",
    )
    rate, rate_path = (
        (papers.incomplete_rate, "papers.incomplete_rate")
        if number == 0
        else (papers.notice_gap_rate, "papers.notice_gap_rate")
    )
    if number + 1 < papers.attempts:
        path = "acceptance · papers.make_up_wd"
        again = sequence(
            Mark("made_up"),
            Delay(
                activity="make up papers",
                phase="applicant",
                duration=days("make_up", papers.make_up_wd, number),
                calendar=None,
                origin=path,
            ),
            Visit(HALL, path) if place == HALL else come(hall, unit, path),
            _attempt(hall, unit, place, number + 1),
        )
    else:
        again = sequence(Mark("made_up"), Exit(WITHDRAWN, "acceptance · papers.attempts"))
    return sequence(
        _hand_in(hall, unit, place, number),
        returned if number == 0 else None,
        Choice(
            ((Chance(chance("incomplete", number), rate), again),),
            "papers incomplete?",
            f"acceptance · {rate_path}",
        ),
    )


def _hand_in(hall: Hall, unit: str, place: str, number: int) -> Block:
    service = hall.settings.service
    if place == HALL:
        return ticket(
            hall,
            unit,
            activity="accept",
            duration=hall.work("accept_work", service.accept_min, number),
            step=TicketStep.ACCEPT + number,
            give_up=Exit(WITHDRAWN, "acceptance · hall.attempts"),
            origin="acceptance · service.accept_min",
        )
    return attended(
        Serve(
            activity="receive at the department",
            phase="service",
            wait_phase="hall_wait",
            skill=reception_skill(unit),
            duration=hall.work("accept_work", service.reception_min, number),
            origin="acceptance · service.reception_min",
        )
    )
