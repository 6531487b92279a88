"""Acceptance 受理: ticket, papers, one-time notice, make-up, return."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sim.process.blocks import (
    AwaitSession,
    Block,
    Chance,
    Choice,
    Delay,
    Draw,
    Exit,
    Mark,
    Seconds,
    Serve,
    Visit,
    sequence,
)
from sim.rules.hall import HALL, Hall, chance, days, fixed_days
from sim.rules.staffing import reception_skill, window_skill
from sim.scenario.catalogue import Item
from sim.scenario.schema import Duration

WITHDRAWN, RETURNED = "withdrawn", "returned"
OPENING = "opening of the hall"
TICKETS_PER_STEP = 4
"""Occurrences of `patience` reserved for each step."""


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
            step=number,
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


def ticket(
    hall: Hall,
    unit: str,
    *,
    activity: str,
    duration: Draw,
    step: int,
    give_up: Block | None,
    origin: str,
) -> Block:
    """Take a ticket and be served; who leaves comes again another day.

    Parameters
    ----------
    step
        Number of the ticket step on the applicant's way: it keys the patience.
    give_up
        What follows when the last ticket is left as well; None = the last one is waited out.
    """
    settings = hall.settings.hall
    again: Block | None = give_up
    for number in reversed(range(settings.attempts)):
        again = _one_ticket(
            hall, unit, activity, duration, step * TICKETS_PER_STEP + number, again, origin
        )
        if number:
            again = sequence(
                *_another_day(settings.come_again_wd),
                Visit(HALL, "acceptance · hall.come_again_wd"),
                again,
            )
    return cast("Block", again)


def _another_day(after_wd: int) -> Iterator[Block]:
    """Wait for the hall to open on a later working day: who comes at closing is sent home again."""
    if after_wd > 1:
        yield Delay(
            activity="stay away",
            phase="applicant",
            duration=fixed_days(after_wd - 1),
            calendar="office",
            origin="acceptance · hall.come_again_wd",
        )
    yield AwaitSession(
        activity="come again another day",
        phase="applicant",
        session=OPENING,
        origin="acceptance · hall.come_again_wd",
    )


def _one_ticket(
    hall: Hall,
    unit: str,
    activity: str,
    duration: Draw,
    occurrence: int,
    on_left: Block | None,
    origin: str,
) -> Serve:
    return Serve(
        activity=activity,
        phase="service",
        wait_phase="hall_wait",
        skill=window_skill(unit),
        duration=duration,
        ticket=True,
        patience=None
        if on_left is None
        else _patience(hall.settings.hall.patience_min, occurrence),
        on_left=on_left,
        origin=origin,
    )


def _patience(minutes: Duration, occurrence: int) -> Draw:
    return Draw("patience", Seconds(minutes.mean * 60, minutes.cv, minutes.family), occurrence)
