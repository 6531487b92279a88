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
from sim.rules.hall import HALL, Hall, chance, days, together
from sim.rules.offices import BACK, OUT, attended, come, courier
from sim.rules.staffing import desk_skill, reception_skill, section_skill
from sim.rules.tickets import TicketStep, ticket
from sim.scenario.catalogue import Item

DONE = "done"
PAY, PRINT, COLLECT = "pay", "print and seal", "collect"
CASHIER_OCCURRENCE = 1
"""Occurrence of paying at the cashier; the item's own desk has 0."""
_FIELDS = {
    PAY: ("pay_work", "pay_min"),
    PRINT: ("certificate_work", "certificate_min"),
    COLLECT: ("collect_work", "collect_min"),
}
"""For each task at a desk the purpose of its draw, and the field of its length."""


def at_once(item: Item, hall: Hall) -> Block:
    """Pay, get the certificate and leave with the document, in the visit of the decision.

    Parameters
    ----------
    item
        The item applied for.
    hall
        The hall under its policy.

    Returns
    -------
    Block
        It ends the case as done.
    """
    return sequence(
        *_settled(item, hall, in_hall=True, certificate=item.certificate),
        Mark("in_hand"),
        Exit(DONE),
    )


def collection(item: Item, hall: Hall) -> Block:
    """Print the certificate, bring it to the hall, then post it or have it collected.

    At a home department only what is made elsewhere is collected; the rest is handed over at once.

    Parameters
    ----------
    item
        The item applied for.
    hall
        The hall under its policy.

    Returns
    -------
    Block
        It ends the case as done.
    """
    in_hall = hall.has_entered(item)
    origin = "collection · policy.postal_share"
    fetched = sequence(
        Delay(
            activity="wait for the applicant to come",
            phase="collection",
            duration=days("notified", hall.settings.collection.notified_wd),
            calendar=None,
            origin="collection · collection.notified_wd",
        ),
        Visit(HALL, origin) if in_hall else come(hall, item.department, origin),
        *_settled(item, hall, in_hall=False, collect=True),
    )
    posted = Delay(
        activity="post",
        phase="collection",
        duration=days("post", hall.settings.collection.postal_wd),
        calendar=None,
        origin="collection · collection.postal_wd",
    )
    return sequence(
        None if item.made_outside else _brought_to_hall(item, hall),
        Choice(
            (
                (Chance(chance("posted"), hall.settings.policy.postal_share), posted),
                (None, fetched),
            ),
            "by post?",
            origin,
        ),
        Mark("in_hand"),
        Exit(DONE),
    )


def _brought_to_hall(item: Item, hall: Hall) -> Block | None:
    """Print at the window, or in the department with the courier bringing it."""
    full = hall.level(item) == "full"
    if item.certificate and hall.prints(item):
        back = None if full else courier(hall, BACK)
        return sequence(back, _certificate(hall, desk_skill(item.department), 1.0))
    if not item.certificate:
        return None if full else courier(hall, BACK)
    there = courier(hall, OUT) if full else None
    share = hall.settings.offices.hall_share
    printed = _certificate(hall, section_skill(item.department, 0), share)
    return sequence(there, printed, courier(hall, BACK))


def _certificate(hall: Hall, skill: str, share: float) -> Block:
    return Serve(
        activity=PRINT,
        phase="work",
        wait_phase="inbox",
        skill=skill,
        duration=hall.work("certificate_work", hall.settings.service.certificate_min, share=share),
        staff_share=share,
        origin="collection · service.certificate_min",
    )


def _settled(
    item: Item, hall: Hall, *, in_hall: bool, collect: bool = False, certificate: bool = False
) -> tuple[Block, ...]:
    """Pay and take the document, in one call at each desk: the cashier, then the item's own.

    One form for all fees replaces several payments by one.  The cashier takes the payments after
    the first, if a unit is named for it.  At a home department every further payment is a trip to
    the bank.

    Parameters
    ----------
    item, hall
        The item applied for, and the hall under its policy.
    in_hall
        The applicant comes from another window, and has not just arrived.
    collect, certificate
        What happens at the item's own desk besides paying.
    """
    number = min(1, item.payments) if hall.settings.policy.one_form_fees else item.payments
    cashier = hall.settings.hall.cashier_unit or item.department
    if not hall.has_entered(item):
        return _settled_at_home(item, hall, number, certificate=certificate, collect=collect)
    elsewhere = number - 1 if number and cashier != item.department else 0
    calls: list[Block] = []
    if elsewhere:
        calls.append(_call(hall, cashier, [PAY] * elsewhere, TicketStep.CASHIER, in_hall=in_hall))
    works = [PAY] * (number - elsewhere) + [PRINT] * certificate + [COLLECT] * collect
    if works:
        here = in_hall or bool(elsewhere)
        calls.append(_call(hall, item.department, works, TicketStep.COLLECT, in_hall=here))
    return tuple(calls)


def _work_of(hall: Hall, works: list[str], occurrence: int = 0) -> tuple[str, Draw, str]:
    """Return what is done in one call, its work (by the draw of the last task) and its origin."""
    lengths = [getattr(hall.settings.service, _FIELDS[work][1]) for work in works]
    purpose, field = _FIELDS[works[-1]]
    duration = hall.work(purpose, together(*lengths), occurrence)
    return ", ".join(dict.fromkeys(works)), duration, f"collection · service.{field}"


def _call(hall: Hall, unit: str, works: list[str], step: int, *, in_hall: bool) -> Block:
    occurrence = CASHIER_OCCURRENCE if step == TicketStep.CASHIER else 0
    activity, work, origin = _work_of(hall, works, occurrence)
    return ticket(
        hall,
        unit,
        activity=activity,
        duration=work,
        step=step,
        in_hall=in_hall,
        origin=origin,
    )


def _settled_at_home(
    item: Item, hall: Hall, payments: int, *, certificate: bool, collect: bool
) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for index in range(1, payments):
        blocks += [
            Visit("bank", "collection · items.payments"),
            _at_reception(hall, item.department, [PAY], index),
        ]
    works = [PAY] * min(1, payments) + [PRINT] * certificate + [COLLECT] * collect
    return (*blocks, _at_reception(hall, item.department, works)) if works else tuple(blocks)


def _at_reception(hall: Hall, unit: str, works: list[str], occurrence: int = 0) -> Block:
    activity, work, origin = _work_of(hall, works, occurrence)
    return attended(
        Serve(
            activity=activity,
            phase="service",
            wait_phase="hall_wait",
            skill=reception_skill(unit),
            duration=work,
            origin=origin,
        )
    )
