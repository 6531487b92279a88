"""Collection 取件: the certificate, payment, and how the document reaches the applicant."""

from __future__ import annotations

from sim.process.blocks import (
    Block,
    Chance,
    Choice,
    Delay,
    Draw,
    Exit,
    Mark,
    Serve,
    Visit,
    sequence,
)
from sim.rules.hall import HALL, Hall, chance, days
from sim.rules.offices import courier
from sim.rules.staffing import desk_skill, reception_skill, section_skill
from sim.rules.tickets import Step, ticket
from sim.scenario.catalogue import Item

DONE = "done"


def at_once(item: Item, hall: Hall) -> Block:
    """Pay, get the certificate and leave with the document, in the visit of the decision."""
    return sequence(
        *payments(item, hall), _certificate_while_waiting(item, hall), Mark("in_hand"), Exit(DONE)
    )


def collection(item: Item, hall: Hall) -> Block:
    """Print the certificate, bring it to the hall, then post it or have it collected."""
    service = hall.settings.service
    fetched = sequence(
        Delay(
            activity="wait for the applicant to come",
            phase="collection",
            duration=days("notified", hall.settings.collection.notified_wd),
            calendar="office",
            origin="collection · collection.notified_wd",
        ),
        Visit(HALL, "collection · policy.postal_share"),
        *payments(item, hall),
        ticket(
            hall,
            item.department,
            activity="collect",
            duration=hall.work("collect_work", service.collect_min),
            step=Step.COLLECT,
            origin="collection · service.collect_min",
        ),
    )
    posted = Delay(
        activity="post",
        phase="collection",
        duration=days("post", hall.settings.collection.postal_wd),
        calendar="office",
        origin="collection · collection.postal_wd",
    )
    return sequence(
        _brought_to_hall(item, hall),
        Choice(
            (
                (Chance(chance("posted"), hall.settings.policy.postal_share), posted),
                (None, fetched),
            ),
            "by post?",
            "collection · policy.postal_share",
        ),
        Mark("in_hand"),
        Exit(DONE),
    )


def _brought_to_hall(item: Item, hall: Hall) -> Block | None:
    """Print at the window, or in the department with the courier bringing it."""
    full = hall.level(item) == "full"
    if item.certificate and hall.prints(item):
        back = None if full else courier(hall)
        return sequence(back, _certificate(hall, desk_skill(item.department), 1.0))
    if not item.certificate:
        return None if full else courier(hall)
    there = courier(hall) if full else None
    share = hall.settings.offices.hall_share
    printed = _certificate(hall, section_skill(item.department, 0), share)
    return sequence(there, printed, courier(hall))


def _certificate(hall: Hall, skill: str, share: float) -> Block:
    return Serve(
        activity="print and seal",
        phase="work",
        wait_phase="inbox",
        skill=skill,
        duration=hall.work("certificate_work", hall.settings.service.certificate_min, share=share),
        staff_share=share,
        origin="collection · service.certificate_min",
    )


def _certificate_while_waiting(item: Item, hall: Hall) -> Block | None:
    if not item.certificate:
        return None
    duration = hall.work("certificate_work", hall.settings.service.certificate_min)
    origin = "collection · service.certificate_min"
    return _next_window(
        item, hall, item.department, "print and seal", duration, Step.CERTIFICATE, origin
    )


def payments(item: Item, hall: Hall) -> tuple[Block, ...]:
    """Pay: at the item's own window, then at the cashier's; one form makes it one payment.

    At a home department every further payment is a trip to the bank.
    """
    number = min(1, item.payments) if hall.settings.policy.one_form_fees else item.payments
    cashier = hall.settings.hall.cashier_unit or item.department
    blocks: list[Block] = []
    for index in range(number):
        if index and not hall.has_entered(item):
            blocks.append(Visit("bank", "collection · items.payments"))
        duration = hall.work("pay_work", hall.settings.service.pay_min, index)
        blocks.append(
            _next_window(
                item,
                hall,
                cashier if index else item.department,
                f"payment {index + 1}",
                duration,
                Step.PAYMENT + index,
                "collection · service.pay_min",
            )
        )
    return tuple(blocks)


def _next_window(
    item: Item, hall: Hall, unit: str, activity: str, duration: Draw, step: int, origin: str
) -> Block:
    """Go on to a window of the hall, or to reception where the item has not entered."""
    if hall.has_entered(item):
        return ticket(
            hall,
            unit,
            activity=activity,
            duration=duration,
            step=step,
            in_hall=True,
            origin=origin,
        )
    return Serve(
        activity=activity,
        phase="service",
        wait_phase="hall_wait",
        skill=reception_skill(item.department),
        duration=duration,
        origin=origin,
    )
