"""What Python users call: the ranges of the command, and its figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.scenario.problems import InputError


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"replications": 0}, "from 1 to 100000"),
        ({"replications": 1.5}, "a whole number"),
        ({"seed": 2**64}, "from 0 to 18446744073709551615"),
        ({"seed": -1}, "from 0 to 18446744073709551615"),
        ({"jobs": 0}, "from 1 to 1024"),
        ({"engine": "fastest"}, "one of compiled, reference"),
        ({"cases": -1}, "from 0 to 100000"),
    ],
)
def test_an_argument_outside_its_range_is_refused(given: dict[str, Any], said: str) -> None:
    county = sim.load("county")
    for call in (lambda: sim.run(county, **given), lambda: sim.compare([county] * 2, **given)):
        with pytest.raises(InputError, match=next(iter(given))) as refused:
            call()
        assert said in str(refused.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        sim.run(sim.load("county"), replications=0, seed=2**64, jobs=0, cases=-1)
    assert len(refused.value.problems) == 4


def test_the_largest_seed_and_numbers_of_numpy_are_taken() -> None:
    found = sim.run(sim.load("county"), replications=np.int64(1), seed=2**64 - 1, jobs=1)
    assert found.cases["counted"].any()
