"""Tickets 取号: wait in the hall for a window, or leave and come again another day."""

from __future__ import annotations

from enum import IntEnum

from sim.process.blocks import (
    AwaitSession,
    Block,
    Delay,
    Draw,
    Serve,
    Visit,
    sequence,
)
from sim.rules.hall import HALL, Hall, fixed_days, minutes, shared
from sim.rules.staffing import window_skill

OPENING = "opening of the hall"
TICKETS_PER_STEP = 4
"""Occurrences of `patience` and `come_again` reserved for each step."""


class TicketStep(IntEnum):
    """At which step a ticket is taken: it keys the applicant's patience."""

    ACCEPT = 0
    """The first of up to eight attempts to hand in the papers."""
    COLLECT = 8
    OPINIONS = 9
    DECISION = 10
    CASHIER = 11


def patience(hall: Hall, step: int, number: int = 0) -> Draw | None:
    """Return how long an applicant waits at a step, by ticket; None = until the close.

    Parameters
    ----------
    hall
        The hall under its policy.
    step
        Number of the ticket step (`TicketStep`), which also chooses the setting.
    number
        Which ticket at this step, from 0.

    Returns
    -------
    Draw or None
        Seconds of open time of the hall; None = the applicant waits until the close.
    """
    settings = hall.settings.hall
    if step in (TicketStep.COLLECT, TicketStep.CASHIER):
        length = settings.collection_patience_min
    elif step == TicketStep.DECISION:
        length = settings.decision_patience_min
    else:
        length = settings.patience_min
    if length is None:
        return None
    return minutes("patience", length, step * TICKETS_PER_STEP + number)


@shared
def ticket(
    hall: Hall,
    unit: str,
    *,
    activity: str,
    duration: Draw,
    step: int,
    origin: str,
    in_hall: bool = False,
    give_up: Block | None = None,
) -> Block:
    """Take a ticket and be served; who leaves or is turned away comes again another day.

    Parameters
    ----------
    hall, unit
        Whose windows serve.
    activity
        What the step is called.
    duration
        The work.
    step
        Number of the ticket step on the applicant's way (`TicketStep`).
    origin
        Rule and field that make the step.
    in_hall
        The applicant goes on to this from another window, at first without a ticket.
    give_up
        What follows when the last ticket is left as well; None = wait at home to be called.

    Returns
    -------
    Block
        All attempts; it goes on when the applicant was served, or after ``give_up``.
    """
    again = give_up or _called(unit, activity, duration, origin)
    for number in reversed(range(hall.settings.hall.attempts)):
        occurrence = step * TICKETS_PER_STEP + number
        again = Serve(
            activity=activity,
            phase="service",
            wait_phase="hall_wait",
            skill=window_skill(unit),
            duration=duration,
            ticket=number > 0 or not in_hall,
            patience=patience(hall, step, number),
            on_left=again,
            origin=origin,
        )
        if number:
            again = sequence(_another_day(hall, occurrence), again)
    return again


def _called(unit: str, activity: str, duration: Draw, origin: str) -> Block:
    """Wait at home to be called; visit the hall when the window is ready."""
    serve = Serve(
        activity=activity,
        phase="service",
        wait_phase="applicant",
        skill=window_skill(unit),
        duration=duration,
        origin=origin,
    )
    return sequence(serve, Visit(HALL, "tickets · hall.attempts"))


@shared
def _another_day(hall: Hall, occurrence: int) -> Block:
    """Come again some time after the hall opens on a later day."""
    settings = hall.settings.hall
    stay_away = None
    if settings.come_again_wd > 1:
        stay_away = Delay(
            activity="stay away",
            phase="applicant",
            duration=fixed_days(settings.come_again_wd - 1),
            calendar=None,
            origin="tickets · hall.come_again_wd",
        )
    return sequence(
        stay_away,
        AwaitSession(
            activity="wait for another day",
            phase="applicant",
            session=OPENING,
            origin="tickets · hall.come_again_wd",
        ),
        Delay(
            activity="come again another day",
            phase="applicant",
            duration=minutes("come_again", settings.come_again_min, occurrence),
            calendar="hall",
            origin="tickets · hall.come_again_min",
        ),
        Visit(HALL, "tickets · hall.come_again_wd"),
    )
