"""What the books show: cases handled before they are registered, and extended limits."""

from __future__ import annotations

import pytest

from sim.measure.series import series

from .build import MakeHall

PERMIT = ("permit", "2008-07-01 09:00")
HALF = {"registration.off_books_share": 0.5}


def test_a_case_off_the_books_is_registered_when_it_is_ready(hall: MakeHall) -> None:
    on, off = (hall(**HALF).run(PERMIT, luck={("off_books", 0): luck}) for luck in (0.6, 0.4))
    # The same way through the department, signed on the same evening.
    assert on.story().at("decided") == off.story().at("decided") == "2008-07-03 17:30"
    assert on.story().at("received") == "2008-07-01 09:00"
    assert off.story().at("received") == off.story().at("accepted") == "2008-07-03 17:30"
    # Fifteen working days from 4 July: the 24th.
    assert (on.story().due, off.story().due) == ("2008-07-22 17:30", "2008-07-24 17:30")
    # Everyone's time runs from the first visit on, whatever the books say.
    assert on.table.elapsed_ticks.tolist() == off.table.elapsed_ticks.tolist()
    assert off.story().outcome == "done"


@pytest.mark.parametrize(
    ("item", "policy"),
    [("seal", {}), ("permit", {"policy.authorization": 1})],
)
def test_only_what_the_window_sends_to_the_department_goes_off_the_books(
    hall: MakeHall, item: str, policy: dict[str, object]
) -> None:
    made = hall(**{"registration.off_books_share": 1}, **policy)
    story = made.run((item, "2008-07-01 09:00")).story()
    assert story.at("accepted") < story.at("decided") or "immediate" in story.names
    assert story.names.index("accepted") < 4


@pytest.mark.parametrize(("days", "due"), [(0, "2008-07-22 17:30"), (10, "2008-08-05 17:30")])
def test_an_extension_lengthens_the_limit(hall: MakeHall, days: int, due: str) -> None:
    run = hall(**{"registration.extension_wd": days}).run(PERMIT)
    assert run.story().due == due


def test_what_is_registered_and_ready_at_midnight_is_of_the_next_day(hall: MakeHall) -> None:
    night = {"calendar.office_hours": ["12:00-24:00"], "horizon.census": "2008-07-17"}
    made = hall(**night, **{"registration.off_books_share": 1, "offices.inbox_wd.mean": 0})
    run = made.run(("permit", "2008-07-17 09:00"))
    # Both leaders sign at the close of the census day, which is its midnight.
    assert run.story().at("received") == run.story().at("decided") == "2008-07-18 00:00"
    assert run.figures["cases_open"] == series(run.observations)["backlog_hall"][-1] == 0
