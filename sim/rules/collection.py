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
from sim.rules.offices import BACK, OUT, courier
from sim.rules.staffing import desk_skill, reception_skill, section_skill
from sim.rules.tickets import Step, ticket
from sim.scenario.catalogue import Item
from sim.scenario.schema import Duration

DONE = "done"


def at_once(item: Item, hall: Hall) -> Block:
    """Pay, get the certificate and leave with the document, in the visit of the decision."""
    return sequence(
        *_settled(item, hall, in_hall=True, certificate=item.certificate),
        Mark("in_hand"),
        Exit(DONE),
    )


def collection(item: Item, hall: Hall) -> Block:
    """Print the certificate, bring it to the hall, then post it or have it collected."""
    fetched = sequence(
        Delay(
            activity="wait for the applicant to come",
            phase="collection",
            duration=days("notified", hall.settings.collection.notified_wd),
            calendar=None,
            origin="collection · collection.notified_wd",
        ),
        Visit(HALL, "collection · policy.postal_share"),
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
        activity="print and seal",
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

    One form makes several payments one.  The cashier takes the payments behind the first, if a
    unit is named for it.  At a home department every further payment is a trip to the bank.

    Parameters
    ----------
    in_hall
        The applicant comes from another window, and has not just arrived.
    collect, certificate
        What happens at the item's own desk besides paying.
    """
    number = min(1, item.payments) if hall.settings.policy.one_form_fees else item.payments
    cashier = hall.settings.hall.cashier_unit or item.department
    if not hall.has_entered(item):
        return _settled_at_home(item, hall, number, certificate=certificate)
    elsewhere = range(1, number) if cashier != item.department else range(0)
    blocks: list[Block] = []
    if elsewhere:
        paid = [("pay", hall.settings.service.pay_min) for _ in elsewhere]
        blocks.append(_call(hall, cashier, paid, Step.CASHIER, in_hall=in_hall))
    parts = [("pay", hall.settings.service.pay_min) for _ in range(number - len(elsewhere))]
    parts += [("print and seal", hall.settings.service.certificate_min)] if certificate else []
    parts += [("collect", hall.settings.service.collect_min)] if collect else []
    if parts:
        here = in_hall or bool(elsewhere)
        blocks.append(_call(hall, item.department, parts, Step.COLLECT, in_hall=here))
    return tuple(blocks)


Parts = list[tuple[str, Duration]]
"""What is done in one call, and how long each takes."""

_PURPOSES = {"pay": "pay_work", "print and seal": "certificate_work", "collect": "collect_work"}


def _work_of(hall: Hall, parts: Parts, occurrence: int = 0) -> tuple[str, Draw, str]:
    """Return what is done in one call, its work (drawn for the last part), and its origin."""
    names = list(dict.fromkeys(name for name, _ in parts))
    purpose = _PURPOSES[names[-1]]
    work = hall.work(purpose, together(*(length for _, length in parts)), occurrence)
    fields = {"pay_work": "pay_min", "certificate_work": "certificate_min"}
    origin = f"collection · service.{fields.get(purpose, 'collect_min')}"
    return ", ".join(names), work, origin


def _call(hall: Hall, unit: str, parts: Parts, step: int, *, in_hall: bool) -> Block:
    activity, work, origin = _work_of(hall, parts, int(step == Step.CASHIER))
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
    item: Item, hall: Hall, payments: int, *, certificate: bool
) -> tuple[Block, ...]:
    pay = ("pay", hall.settings.service.pay_min)
    blocks: list[Block] = []
    for index in range(1, payments):
        blocks += [
            Visit("bank", "collection · items.payments"),
            _at_reception(hall, item.department, [pay], index),
        ]
    parts = [pay] if payments else []
    parts += [("print and seal", hall.settings.service.certificate_min)] if certificate else []
    return (*blocks, _at_reception(hall, item.department, parts)) if parts else tuple(blocks)


def _at_reception(hall: Hall, unit: str, parts: Parts, occurrence: int = 0) -> Block:
    activity, work, origin = _work_of(hall, parts, occurrence)
    return Serve(
        activity=activity,
        phase="service",
        wait_phase="hall_wait",
        skill=reception_skill(unit),
        duration=work,
        origin=origin,
    )
