"""What a reading implies, worked out by hand."""

from __future__ import annotations

import pytest

from sim.rules.implications import Implication, implications
from sim.scenario.load import load

from .build import MakeHall

SLOW = {"health": {"slow": True}}


def implied(hall: MakeHall, **values: object) -> dict[str, Implication]:
    made = hall(departments=SLOW, **values)
    return {one.kind: one for one in implications(made.scenario)}


def test_nothing_that_never_happens_is_implied(hall: MakeHall) -> None:
    assert implied(hall) == {}


def test_how_many_stick_by_case(hall: MakeHall) -> None:
    (stuck,) = implied(
        hall,
        **{"stuck.at": "case", "stuck.case_share": 0.1, "stuck.slow_factor": 2},
        **{"stuck.release_probability": 0.5, "policy.coordination_meetings_per_month": 2},
    ).values()
    # 2 permits, 1 deed (decided in one sitting: it never sticks) and 1 clinic (slow) a day.
    assert stuck.of_all == pytest.approx((2 * 0.1 + 0 + 0.2) / 4)
    assert stuck.of_complex == pytest.approx((2 * 0.1 + 0.2) / 3)
    assert stuck.of_slow == pytest.approx(0.2)
    # Two meetings on average, so one month: 250 working days / 12.
    assert stuck.lasts_wd == pytest.approx(250 / 12)


def test_how_many_stick_at_steps(hall: MakeHall) -> None:
    (stuck,) = implied(hall, **{"stuck.at": "step", "stuck.step_hazard": 0.1}).values()
    # Permit 2 + 2 steps, deed 1 + 1, clinic 1 + 1 at twice the hazard.
    assert stuck.of_all == pytest.approx((2 * 0.4 + 0.2 + 0.4) / 4)
    assert stuck.of_complex == pytest.approx((2 * 0.4 + 0.4) / 3)


def test_how_many_clocks_are_stopped(hall: MakeHall) -> None:
    (stopped,) = implied(hall, **{"suspension.share": 0.3}).values()
    assert (stopped.kind, stopped.lasts_wd) == ("clock_stopped", 5)
    assert stopped.of_complex == pytest.approx(0.3)
    assert stopped.of_all == pytest.approx(0.3 * 3 / 4)


def test_how_many_go_off_the_books(hall: MakeHall) -> None:
    (off,) = implied(hall, **{"registration.off_books_share": 0.4}).values()
    assert (off.kind, off.of_all) == ("off_books", pytest.approx(0.4))


@pytest.mark.parametrize("name", ["county", "county-stuck-case", "county-suspended"])
def test_every_shipped_reading_implies_something(name: str) -> None:
    assert len(implications(load(name))) == 1
