"""What the books take from a scenario."""

from __future__ import annotations

import pytest

from .build import MakeHall, Run

DEED = ("deed", "2008-07-01 09:00")
FULL = {"policy.authorization": 1}


def test_fees_are_scaled(hall: MakeHall) -> None:
    paid = {"deed": {"fee_yuan": 100, "payments": 1}}
    run = hall(items=paid, **FULL, **{"fees.scale": 1.5}).run(DEED, ("deed", "2008-07-01 10:00"))
    assert run.figures["fees_yuan"] == 300


def test_the_limit_of_the_books_is_the_limit_of_the_clock(hall: MakeHall) -> None:
    # Signed on 3 July at 17:30, 2 wd after the opening of 2 July; the limit is 5 × 0.8.
    run = hall(**{"policy.limit_factor": 0.8}).run(DEED)
    assert run.story().at("decided") == "2008-07-02 17:30"
    assert run.figures["compression"] == pytest.approx(1 / 4)


def test_the_follow_up_is_the_scenarios(hall: MakeHall) -> None:
    # Collected on 4 July 11:35 after 3 wd and some.
    for follow_up_wd, mean in ((2, 2), (20, 3 + 155 / 390)):
        run = hall(**{"horizon.follow_up_wd": follow_up_wd}).run(DEED)
        assert run.story().at("in_hand") == "2008-07-04 11:35"
        assert run.figures["elapsed_mean_wd"] == pytest.approx(mean, abs=1e-5)


@pytest.mark.parametrize(("target_min", "rate"), [(9, 1 / 2), (10, 1)])
def test_the_wait_target_is_the_scenarios(hall: MakeHall, target_min: int, rate: float) -> None:
    made = hall(**{"hall.wait_target_min": target_min})
    run = made.run(("clinic", "2008-07-01 09:00"), ("clinic", "2008-07-01 09:00"))
    first_day = run.observations.tickets["wait_within_target"][:2]
    assert run.observations.tickets["wait_min"][:2].tolist() == [0, 10]
    assert first_day.mean() == rate


def utilisation(run: Run) -> tuple[float, float]:
    return run.figures["window_utilisation"], run.figures["window_utilisation_max"]


def test_utilisation_is_by_unit(hall: MakeHall) -> None:
    run = hall(**{"horizon.census": "2008-07-01"}).run(("permit", "2008-07-01 09:00"))
    # 10 + 5 min on one day of four window people, two of them land's.
    assert utilisation(run) == pytest.approx((15 / (4 * 390), 15 / (2 * 390)))


def test_crowding_is_people_by_places(hall: MakeHall) -> None:
    made = hall(**{"hall.area_m2": 10, "hall.people_per_m2": 0.4})
    run = made.run(("clinic", "2008-07-01 09:00"), ("clinic", "2008-07-01 09:00"))
    assert run.figures["hall_people_max"] == 2
    assert run.figures["hall_crowding_max"] == 2 / 4
