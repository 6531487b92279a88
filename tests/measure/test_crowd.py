"""How many people are in the hall, against counting them second by second."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measure.crowd import most_people, person_seconds

END_S = 12
STAYS = st.lists(
    st.tuples(st.integers(0, END_S), st.integers(0, END_S)).map(sorted), min_size=0, max_size=6
)


def split(stays: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return when who came, and when somebody went, each in an order of its own."""
    came = np.array([begin for begin, _ in stays], np.int32)
    return came[::-1], np.array([end for _, end in stays], np.int32)


def test_who_goes_makes_room_for_who_comes() -> None:
    came, gone = np.array([0, 5]), np.array([5, 9])
    assert most_people(came, gone) == 1
    assert most_people(came, gone + 1) == 2
    assert person_seconds(came, gone, np.array([0, 3, 5, 7, 9, 20])).tolist() == [0, 3, 5, 7, 9, 9]


def test_nobody_is_nobody() -> None:
    nobody = np.zeros(0, np.int32)
    assert most_people(nobody, nobody) == 0
    assert person_seconds(nobody, nobody, np.array([0, 10])).tolist() == [0, 0]


@given(stays=STAYS)
def test_people_are_those_whose_stay_holds_the_second(stays: list[list[int]]) -> None:
    inside = [sum(begin <= second < end for begin, end in stays) for second in range(END_S)]
    came, gone = split(stays)
    spent_s = person_seconds(came, gone, np.arange(END_S + 1))
    assert spent_s.tolist() == [sum(inside[:second]) for second in range(END_S + 1)]
    assert most_people(came, gone) == pytest.approx(max(inside, default=0))
