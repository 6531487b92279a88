"""Payment, certificate, and how the document reaches the applicant."""

from __future__ import annotations

import pytest

from sim.rules.hall import together
from sim.scenario.schema import Duration

from .build import MakeHall

DEED = ("deed", "2008-07-01 09:00")
CLINIC = ("clinic", "2008-07-01 09:00")
FULL = {"policy.authorization": 1}
# A clinic of the mailroom is back in the hall with the courier of Thursday 3 July, 11:30.


def test_the_applicant_collects_the_document(hall: MakeHall) -> None:
    story = hall().run(CLINIC).story()
    assert story.between("decided", "done") == [
        ("decided", "2008-07-02 17:30", "2008-07-02 17:30", ""),
        ("wait for the courier", "2008-07-02 17:30", "2008-07-03 11:00", ""),
        ("courier", "2008-07-03 11:00", "2008-07-03 11:30", ""),
        ("wait for the applicant to come", "2008-07-03 11:30", "2008-07-04 11:30", ""),
        ("visit hall", "2008-07-04 11:30", "2008-07-04 11:30", ""),
        ("collect", "2008-07-04 11:30", "2008-07-04 11:35", "health window"),
        ("in_hand", "2008-07-04 11:35", "2008-07-04 11:35", ""),
        ("done", "2008-07-04 11:35", "2008-07-04 11:35", ""),
    ]


@pytest.mark.parametrize(
    ("luck", "in_hand", "visits"),
    [
        (0.59, "2008-07-08 11:30", 1),  # three working days in the post
        (0.61, "2008-07-04 11:35", 2),
    ],
)
def test_a_share_of_documents_is_posted(
    hall: MakeHall, luck: float, in_hand: str, visits: int
) -> None:
    made = hall(**{"policy.postal_share": 0.6})
    story = made.run(CLINIC, luck={("posted", 0): luck}).story()
    assert story.at("in_hand") == in_hand
    assert len(story.visits) == visits


OWN_RETURNS = {"courier.returns": ["15:00", "09:30"]}


def test_the_document_comes_back_by_its_own_timetable(hall: MakeHall) -> None:
    story = hall(**OWN_RETURNS).run(CLINIC).story()
    # To health on Tuesday at 11:00, decided on Wednesday at 17:30.
    assert story.span("courier") == ("2008-07-01 11:00", "2008-07-01 11:30")
    assert story.span("courier", 1) == ("2008-07-03 09:30", "2008-07-03 10:00")
    assert story.span("collect") == ("2008-07-04 10:00", "2008-07-04 10:05")


# Certificates -----------------------------------------------------------------------------

CERTIFIED = {"clinic": {"certificate": True}, "deed": {"certificate": True}}
AT_WINDOW = {"health": {"certificate_at_window": True}, "land": {"certificate_at_window": True}}


def test_the_certificate_comes_back_by_its_own_timetable(hall: MakeHall) -> None:
    # Decided at 09:30 by the window, printed in 12 min by the department it is sent to.
    story = hall(items=CERTIFIED, **FULL, **OWN_RETURNS).run(DEED).story()
    assert story.span("courier") == ("2008-07-01 11:00", "2008-07-01 11:30")
    assert story.span("print and seal") == ("2008-07-01 11:30", "2008-07-01 11:42")
    assert story.span("courier", 1) == ("2008-07-01 15:00", "2008-07-01 15:30")
    # Decided by the department on Wednesday evening, printed there on Thursday from 08:30.
    story = hall(items=CERTIFIED, **OWN_RETURNS).run(CLINIC).story()
    assert story.span("courier", 1) == ("2008-07-03 09:30", "2008-07-03 10:00")
    # Or printed at the window.
    at_window = hall(items=CERTIFIED, departments=AT_WINDOW, **OWN_RETURNS)
    story = at_window.run(CLINIC).story()
    assert story.span("courier", 1) == ("2008-07-03 09:30", "2008-07-03 10:00")
    assert story.span("print and seal") == ("2008-07-03 10:00", "2008-07-03 10:06")


def test_a_certificate_is_printed_in_the_department(hall: MakeHall) -> None:
    story = hall(items=CERTIFIED).run(CLINIC).story()
    # 6 min / 0.5 in the first section, in the morning after the decision.
    assert story.of("print and seal") == (
        "print and seal", "2008-07-03 08:30", "2008-07-03 08:42", "health section 1",
    )  # fmt: skip
    assert story.span("courier", 1) == ("2008-07-03 11:00", "2008-07-03 11:30")


@pytest.mark.parametrize("by", ["equipment", "policy"])
def test_a_certificate_is_printed_at_the_window(hall: MakeHall, by: str) -> None:
    changes = {"departments": AT_WINDOW} if by == "equipment" else {"policy.certificates": "window"}
    story = hall(items=CERTIFIED, **changes).run(CLINIC).story()
    assert story.of("print and seal") == (
        "print and seal", "2008-07-03 11:30", "2008-07-03 11:36", "health window",
    )  # fmt: skip
    assert story.visits[-1] == ("hall", "2008-07-04 11:36")


def test_decided_at_once_but_printed_elsewhere_costs_a_visit(hall: MakeHall) -> None:
    story = hall(items=CERTIFIED, **FULL).run(DEED).story()
    assert story.between("immediate", "collect") == [
        ("immediate", "2008-07-01 09:30", "2008-07-01 09:30", ""),
        ("decided", "2008-07-01 09:30", "2008-07-01 09:30", ""),
        ("wait for the courier", "2008-07-01 09:30", "2008-07-01 11:00", ""),
        ("courier", "2008-07-01 11:00", "2008-07-01 11:30", ""),
        ("print and seal", "2008-07-01 11:30", "2008-07-01 11:42", "land section 1"),
        ("wait for the courier", "2008-07-01 11:42", "2008-07-01 16:00", ""),
        ("courier", "2008-07-01 16:00", "2008-07-01 16:30", ""),
        ("wait for the applicant to come", "2008-07-01 16:30", "2008-07-02 16:30", ""),
        ("visit hall", "2008-07-02 16:30", "2008-07-02 16:30", ""),
        ("collect", "2008-07-02 16:30", "2008-07-02 16:35", "land window"),
    ]


def test_decided_and_printed_at_once_is_one_visit(hall: MakeHall) -> None:
    story = hall(items=CERTIFIED, departments=AT_WINDOW, **FULL).run(DEED).story()
    assert story.span("print and seal") == ("2008-07-01 09:30", "2008-07-01 09:36")
    assert story.at("in_hand") == "2008-07-01 09:36"
    assert len(story.visits) == 1


def test_a_home_department_prints_while_the_applicant_waits(hall: MakeHall) -> None:
    story = hall(items={"seal": {"certificate": True}}).run(("seal", "2008-07-01 09:00")).story()
    # Decided at 10:45; reception prints in 6 min.
    assert story.of("print and seal") == (
        "print and seal", "2008-07-01 10:45", "2008-07-01 10:51", "police section 1",
    )  # fmt: skip
    assert story.at("in_hand") == "2008-07-01 10:51"
    assert len(story.visits) == 1


# Payments ---------------------------------------------------------------------------------

PAID = {name: {"payments": 2, "fee_yuan": 100} for name in ("clinic", "deed", "seal")}


def test_the_cashier_and_the_own_desk_are_two_calls(hall: MakeHall) -> None:
    story = hall(items=PAID, **FULL, **{"hall.cashier_unit": "fire"}).run(DEED).story()
    assert story.between("decided", "in_hand") == [
        ("decided", "2008-07-01 09:30", "2008-07-01 09:30", ""),
        ("pay", "2008-07-01 09:30", "2008-07-01 09:34", "fire representative"),
        ("pay", "2008-07-01 09:34", "2008-07-01 09:38", "land window"),
        ("in_hand", "2008-07-01 09:38", "2008-07-01 09:38", ""),
    ]


def test_what_is_paid_and_printed_at_one_desk_is_one_call(hall: MakeHall) -> None:
    paid = {"deed": {"payments": 2, "fee_yuan": 100, "certificate": True}}
    story = hall(items=paid, departments=AT_WINDOW, **FULL).run(DEED).story()
    # 4 + 4 + 6 min.
    assert story.of("pay, print and seal") == (
        "pay, print and seal", "2008-07-01 09:30", "2008-07-01 09:44", "land window",
    )  # fmt: skip


@pytest.mark.parametrize(("one_form", "end"), [(False, "09:38"), (True, "09:34")])
def test_one_form_makes_one_payment(hall: MakeHall, one_form: bool, end: str) -> None:
    made = hall(items=PAID, **FULL, **{"policy.one_form_fees": one_form})
    assert made.run(DEED).story().at("in_hand") == f"2008-07-01 {end}"


def test_one_form_adds_no_payment(hall: MakeHall) -> None:
    story = hall(**FULL, **{"policy.one_form_fees": True}).run(DEED).story()
    assert "pay" not in story.names


def test_what_is_paid_and_collected_at_one_desk_is_one_call(hall: MakeHall) -> None:
    run = hall(items=PAID).run(CLINIC)
    # 4 + 4 + 5 min, also over the beginning of lunch: nobody is sent away in between.
    assert run.story().span("pay, collect") == ("2008-07-04 11:30", "2008-07-04 11:43")
    assert len(run.observations.calls) == 2  # accept, and this one


def test_one_call_goes_on_into_lunch(hall: MakeHall) -> None:
    long = {"service.collect_min": {"mean": 40, "family": "fixed"}}
    story = hall(items=PAID, **long).run(CLINIC).story()
    assert story.span("pay, collect") == ("2008-07-04 11:30", "2008-07-04 12:18")
    assert len(story.visits) == 2


def test_works_in_one_go_have_mean_and_spread_of_their_sum() -> None:
    pay, collect = Duration(mean=4, cv=0.5), Duration(mean=6, cv=0.4, family="lognormal")
    both = together(pay, pay, collect)
    assert both.mean == 14
    assert both.cv * 14 == pytest.approx((2 * 2**2 + 2.4**2) ** 0.5)
    assert both.family == "lognormal"
    assert together(collect) == collect
    assert together(pay, Duration(mean=5, family="fixed")).cv * 9 == pytest.approx(2)


@pytest.mark.parametrize(
    ("one_form", "places"), [(False, ["home:police", "bank"]), (True, ["home:police"])]
)
def test_outside_the_hall_a_further_payment_is_a_trip(
    hall: MakeHall, one_form: bool, places: list[str]
) -> None:
    made = hall(items=PAID, **{"policy.one_form_fees": one_form})
    story = made.run(("seal", "2008-07-01 09:00")).story()
    assert [place for place, _ in story.visits] == places


# A window that is shut ----------------------------------------------------------------------

SHUT = {"hall.collection_patience_min": {"mean": 30, "family": "fixed"}, "hall.attempts": 2}


def test_who_finds_the_window_shut_comes_again_to_pay(hall: MakeHall) -> None:
    made = hall(items=PAID, **SHUT)
    away = {"health/w1": ["2008-07-04 08:30", "2008-07-04 14:30"]}
    story = made.run(CLINIC, away=away).story()
    # Half an hour until noon; health is back on Monday 7 July.
    assert story.span("pay, collect (left)") == ("2008-07-04 11:30", "2008-07-04 12:00")
    assert story.span("pay, collect") == ("2008-07-07 08:30", "2008-07-07 08:43")


def test_without_patience_nobody_gives_up_a_document_before_the_close(hall: MakeHall) -> None:
    away = {"health/w1": ["2008-07-04 08:30", "2008-07-04 14:30"]}
    story = hall(items=PAID).run(CLINIC, away=away).story()
    assert story.span("pay, collect (left)") == ("2008-07-04 11:30", "2008-07-04 17:30")
    assert story.span("pay, collect") == ("2008-07-07 08:30", "2008-07-07 08:43")


def test_who_has_come_for_nothing_every_time_is_called(hall: MakeHall) -> None:
    made = hall(items=PAID, **SHUT)
    away = {
        "health/w1": [
            f"2008-07-{day} {hour}" for day in ("04", "07", "08") for hour in ("08:30", "14:30")
        ]
    }
    run = made.run(CLINIC, away=away)
    story = run.story()
    assert story.span("pay, collect (left)", 1) == ("2008-07-07 08:30", "2008-07-07 09:00")
    assert story.span("pay, collect") == ("2008-07-09 08:30", "2008-07-09 08:43")
    assert story.at("in_hand") == "2008-07-09 08:43"
    # On 1, 4, 7 and 9 July: nobody sits in the hall meanwhile.
    assert [when for _, when in story.visits] == [
        "2008-07-01 09:00", "2008-07-04 11:30", "2008-07-07 08:30", "2008-07-09 08:43",
    ]  # fmt: skip
