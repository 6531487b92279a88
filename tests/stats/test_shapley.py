"""Games whose shares are known, and the axioms."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sim.stats.shapley import greedy_order, interactions, shapley

NAN = math.nan
calmly = settings(max_examples=100, deadline=2000, derandomize=True)


def game(players: int, value: Callable[[set[int]], float]) -> np.ndarray:
    """Return the values of all coalitions in one replication."""
    coalitions = range(2**players)
    return np.array(
        [[value({i for i in range(players) if mask >> i & 1})] for mask in coalitions], float
    )


@st.composite
def games(draw: st.DrawFn, replications: int = 3) -> np.ndarray:
    players = draw(st.integers(1, 5))
    number = st.floats(-1e6, 1e6).map(lambda value: value if abs(value) > 1e-100 else 0.0)
    return draw(arrays.arrays(float, (2**players, replications), elements=number))


def by_orders(values: np.ndarray) -> np.ndarray:
    """Average each player's marginal gain over all orders: the definition."""
    players = len(values).bit_length() - 1
    shares = np.zeros((players, values.shape[1]))
    orders = list(itertools.permutations(range(players)))
    for order in orders:
        coalition = 0
        for player in order:
            shares[player] += values[coalition | 1 << player] - values[coalition]
            coalition |= 1 << player
    return shares / len(orders)


# Shares --------------------------------------------------------------------------------------


def test_the_glove_game() -> None:
    # A left glove and two right ones: a pair is worth 1; the left one gets 2/3.
    values = game(3, lambda s: float(0 in s and bool(s & {1, 2})))
    assert shapley(values)[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6], abs=1e-16)


def test_the_airport_game() -> None:
    # A runway as long as the largest plane in it needs: each stretch is shared by who needs it.
    # Costs 8, 11, 13, 18: 8/4 = 2; + 3/3 = 3; + 2/2 = 4; + 5 = 9.
    costs = [8.0, 11.0, 13.0, 18.0]
    values = game(4, lambda s: max((costs[i] for i in s), default=0.0))
    assert shapley(values)[:, 0].tolist() == [2, 3, 4, 9]


def test_a_weighted_vote() -> None:
    # Weights 4, 3, 2, 1 and quota 6 of 10: pivots in 10, 6, 6 and 2 of 24 orders.
    weights = [4, 3, 2, 1]
    values = game(4, lambda s: float(sum(weights[i] for i in s) >= 6))
    assert shapley(values)[:, 0] * 24 == pytest.approx([10, 6, 6, 2])


def test_one_player_and_eight() -> None:
    assert shapley(np.array([[2.0, 3.0], [5.0, 3.5]])).tolist() == [[3.0, 0.5]]
    # v = (size)²: symmetric, each gets 64 / 8.
    assert shapley(game(8, lambda s: len(s) ** 2))[:, 0].tolist() == [8] * 8


def test_bit_i_is_player_i() -> None:
    values = game(3, lambda s: 1 * (0 in s) + 10 * (1 in s) + 100 * (2 in s))
    assert shapley(values)[:, 0].tolist() == [1, 10, 100]


@calmly
@given(games())
def test_shares_are_the_average_over_all_orders(values: np.ndarray) -> None:
    assert shapley(values) == pytest.approx(by_orders(values), rel=1e-9, abs=1e-8)


@calmly
@given(games())
def test_shares_add_up_to_the_last_digit(values: np.ndarray) -> None:
    for share, total in zip(shapley(values).T, values[-1] - values[0], strict=True):
        smallest = min((abs(one) for one in share if one), default=0.0)
        if smallest <= abs(total):
            assert math.fsum(share) == total
        else:
            assert abs(math.fsum(share) - total) <= math.ulp(smallest) / 2


@pytest.mark.parametrize("players", range(1, 9))
def test_shares_of_measured_figures_add_up(players: int) -> None:
    rng = np.random.default_rng(players)
    values = rng.normal(30, 5, (2**players, 200)) * 10.0 ** rng.integers(-8, 8, 200)
    shares = shapley(values)
    for share, total in zip(shares.T, values[-1] - values[0], strict=True):
        if np.abs(share).min() <= abs(total):
            assert math.fsum(share) == total


@calmly
@given(games(), st.data())
def test_the_shares_of_two_games_add_up(values: np.ndarray, data: st.DataObject) -> None:
    number = st.floats(-1e6, 1e6)
    other = data.draw(arrays.arrays(float, values.shape, elements=number))
    assert shapley(values + other) == pytest.approx(
        shapley(values) + shapley(other), rel=1e-9, abs=1e-8
    )


@calmly
@given(games())
def test_who_adds_nothing_gets_exactly_nothing(values: np.ndarray) -> None:
    # A further player, the highest bit, changes no value.
    shares = shapley(np.concatenate([values, values]))
    assert (shares[-1] == 0).all()
    assert shares[:-1] == pytest.approx(shapley(values), rel=1e-9, abs=1e-8)


def test_replications_are_games_of_their_own() -> None:
    values = np.random.default_rng(1).normal(0, 1, (16, 5))
    together = shapley(values)
    for at in range(5):
        assert together[:, [at]].tolist() == shapley(values[:, [at]]).tolist()


def test_a_replication_with_an_unknown_value_is_unknown() -> None:
    values = np.random.default_rng(2).normal(0, 1, (8, 3))
    values[5, 1] = NAN
    for found in (shapley(values), interactions(values), greedy_order(values).gains):
        assert np.isnan(found[..., 1]).all()
    assert shapley(values)[:, 0].tolist() == shapley(values[:, :1])[:, 0].tolist()


# Interactions --------------------------------------------------------------------------------


def test_interactions_by_hand() -> None:
    # Two players: v(both) - v(0) - v(1) + v(none).
    values = np.array([[1.0], [4.0], [6.0], [7.0]])
    found = interactions(values)[:, :, 0]
    assert found[0, 1] == found[1, 0] == -2
    assert np.isnan(np.diag(found)).all()


def test_interactions_of_the_glove_game() -> None:
    # Left and a right one: alone 1, beside the other right one 0: 1/2.  The two right ones:
    # without the left one 0, with it 1 - 1 - 1 = -1: -1/2.
    values = game(3, lambda s: float(0 in s and bool(s & {1, 2})))
    found = interactions(values)[:, :, 0]
    assert (found[0, 1], found[0, 2], found[1, 2]) == (0.5, 0.5, -0.5)


def test_players_that_add_up_do_not_interact() -> None:
    found = interactions(game(4, lambda s: 3.0 + sum(2.0**i for i in s)))[:, :, 0]
    assert (found[~np.eye(4, dtype=bool)] == 0).all()


def test_a_product_interacts_only_between_its_players() -> None:
    # v = x0·x2: 1 whatever else is in.
    found = interactions(game(5, lambda s: float({0, 2} <= s)))[:, :, 0]
    assert found[0, 2] == 1
    assert np.nansum(np.abs(found)) == 2


# Order ---------------------------------------------------------------------------------------


def test_the_best_order_step_by_step() -> None:
    # 1 first (5); then 0 adds 3 and 2 adds 2; together with 0, 2 adds nothing.
    worth = {0: 0, 1: 4, 2: 5, 3: 8, 4: 3, 5: 4, 6: 7, 7: 8}
    values = np.array([[float(worth[mask])] for mask in range(8)])
    players, gains = greedy_order(values)
    assert players == [1, 0, 2]
    assert gains[:, 0].tolist() == [5, 3, 0]


def test_lower_values_can_be_the_better_ones() -> None:
    values = np.array([[10.0], [7.0], [6.0], [5.0]])
    players, gains = greedy_order(values, lower_is_better=True)
    assert players == [1, 0]
    assert gains[:, 0].tolist() == [-4, -1]
    assert greedy_order(values).players == [0, 1]


def test_the_order_is_by_the_mean_and_gains_add_up_in_each_replication() -> None:
    values = np.random.default_rng(3).normal(0, 1, (32, 50))
    players, gains = greedy_order(values)
    assert sorted(players) == list(range(5))
    assert gains.sum(axis=0) == pytest.approx(values[-1] - values[0])
    singles = [values[1 << player].mean() for player in range(5)]
    assert players[0] == int(np.argmax(singles))


def test_of_ties_the_lower_player_first() -> None:
    assert greedy_order(game(3, len)).players == [0, 1, 2]


# Errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [np.ones(4), np.ones((1, 3)), np.ones((3, 1)), np.ones((512, 1)), np.full((4, 1), math.inf)],
)
@pytest.mark.parametrize("function", [shapley, interactions, greedy_order])
def test_what_is_no_game(function: Callable[[np.ndarray], object], wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"coalitions|infinite"):
        function(wrong)


def test_no_replication_is_known() -> None:
    with pytest.raises(ValueError, match="no replication"):
        greedy_order(np.array([[1.0], [NAN]]))
