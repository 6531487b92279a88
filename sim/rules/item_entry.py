"""Item entry 进驻: which items are in the hall, and where their applicants go first."""

from __future__ import annotations

from collections.abc import Iterable

from sim.process.blocks import Block, Chance, Choice, Delay, Visit, sequence
from sim.rules.hall import HALL, Hall, chance, fixed_minutes
from sim.rules.offices import come
from sim.scenario.catalogue import Item


def entered_items(items: Iterable[Item], share: float | None) -> frozenset[str]:
    """Return the items in the hall: as surveyed, or this share of those due, by entry rank.

    Parameters
    ----------
    items
        The catalogue.
    share
        Share of all items, 0 to 1; None = as surveyed.

    Returns
    -------
    frozenset of str
        Ids of the items.
    """
    items = tuple(items)
    if share is None:
        return frozenset(item.id for item in items if item.entered)
    number = int(share * len(items) + 0.5)
    ranked = sorted(items, key=lambda item: item.entry_rank)
    return frozenset(item.id for item in ranked[:number])


def arrival(item: Item, hall: Hall) -> Block:
    """Go where the item is handled; some try the hall first for an item that never entered.

    Parameters
    ----------
    item
        The item applied for.
    hall
        The hall under its policy.

    Returns
    -------
    Block
        Until the applicant is at the right place.
    """
    if hall.has_entered(item):
        return Visit(HALL, "item_entry · policy.entry")
    wasted = sequence(
        Visit(HALL, "item_entry · demand.hall_first_share"),
        Delay(
            activity="be sent on",
            phase="hall_wait",
            duration=fixed_minutes(hall.settings.hall.information_min),
            calendar="always",
            origin="item_entry · hall.information_min",
        ),
    )
    return sequence(
        Choice(
            ((Chance(chance("hall_first"), hall.settings.demand.hall_first_share), wasted),),
            "tries the hall first?",
            "item_entry · demand.hall_first_share",
        ),
        come(hall, item.department, "item_entry · policy.entry"),
    )
