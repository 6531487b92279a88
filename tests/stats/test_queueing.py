"""The formulas themselves, against each other, hand sums and published values."""

import math

import numpy as np
import pytest

from tests.stats.exact import (
    erlang_a,
    erlang_c,
    fork_join_response,
    mg1_wait,
    mmc_wait,
    periodic_numbers,
    priority_waits,
)


def stationary(up: list[float], down: list[float]) -> np.ndarray:
    """Solve the balance equations of a birth-death chain as linear equations."""
    size = len(up) + 1
    rates = np.diag(up, 1) + np.diag(down, -1)
    rates -= np.diag(rates.sum(axis=1))
    system = np.vstack([rates.T, np.ones(size)])
    return np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]


@pytest.mark.parametrize("rho", [0.1, 0.5, 0.95])
def test_one_server_waits_with_probability_rho(rho: float) -> None:
    assert erlang_c(1, rho) == pytest.approx(rho)
    assert mmc_wait(1, rho, 1.0) == pytest.approx(rho / (1 - rho))


def test_two_servers_by_hand() -> None:
    # C(2, a) = a² / (2 + a).
    for load in (0.3, 1.0, 1.8):
        assert erlang_c(2, load) == pytest.approx(load**2 / (2 + load))


@pytest.mark.parametrize(
    ("servers", "load", "published"), [(2, 1.0, 0.3333), (3, 2.0, 0.4444), (5, 4.0, 0.5541)]
)
def test_erlang_c_as_in_tables(servers: int, load: float, published: float) -> None:
    assert erlang_c(servers, load) == pytest.approx(published, abs=1e-4)


def test_the_wait_scales_with_the_unit_of_time() -> None:
    assert mmc_wait(4, 3.0 / 600, 600.0) == pytest.approx(600 * mmc_wait(4, 3.0, 1.0))
    assert mg1_wait(0.7 / 60, 60.0, 0.4) == pytest.approx(60 * mg1_wait(0.7, 1.0, 0.4))


def test_pollaczek_khinchine_holds_the_known_cases() -> None:
    assert mg1_wait(0.8, 1.0, 1.0) == pytest.approx(mmc_wait(1, 0.8, 1.0))
    assert mg1_wait(0.8, 1.0, 0.0) == pytest.approx(mg1_wait(0.8, 1.0, 1.0) / 2)


@pytest.mark.parametrize(("servers", "load", "patience"), [(1, 0.8, 2.0), (3, 3.6, 0.7), (5, 4, 5)])
def test_erlang_a_against_the_balance_equations(servers: int, load: float, patience: float) -> None:
    states = 120
    up = [load] * states
    down = [min(n, servers) + max(0, n - servers) / patience for n in range(1, states + 1)]
    share = stationary(up, down)
    waiting = float(sum(max(0, n - servers) * p for n, p in enumerate(share)))
    left, wait = erlang_a(servers, load, 1.0, patience)
    assert left == pytest.approx(waiting / patience / load, rel=1e-6)
    assert wait == pytest.approx(waiting / load, rel=1e-6)
    # What is not served leaves: served rate = busy servers.
    busy = float(sum(min(n, servers) * p for n, p in enumerate(share)))
    assert load * (1 - left) == pytest.approx(busy, rel=1e-6)


def test_endless_patience_is_erlang_c() -> None:
    left, wait = erlang_a(3, 2.0, 1.0, 1e7)
    assert wait == pytest.approx(mmc_wait(3, 2.0, 1.0), rel=1e-5)
    assert left == pytest.approx(0, abs=1e-6)


def test_as_patient_as_served_is_mminf() -> None:
    # With θ = μ the number inside is Poisson(a): P(leave) = E[(N - c)⁺] / a.
    load, servers = 3.0, 4
    pmf = [math.exp(-load) * load**n / math.factorial(n) for n in range(60)]
    excess = sum(max(0, n - servers) * p for n, p in enumerate(pmf))
    assert erlang_a(servers, load, 1.0, 1.0)[0] == pytest.approx(excess / load)


def test_fork_join_lies_between_one_queue_and_their_sum() -> None:
    for rho in (0.05, 0.5, 0.9):
        one = 1 / (1 - rho)
        assert one < fork_join_response(rho, 1.0) < 2 * one
    # An empty system: the larger of two exponential services, 1 + 1/2.
    assert fork_join_response(1e-9, 1.0) == pytest.approx(1.5)


def test_priorities_keep_the_waiting_work() -> None:
    # Kleinrock's conservation law: the load-weighted mean wait is that of first come first served.
    for cv in (0.0, 1.0, 2.0):
        rates = [0.2, 0.1, 0.4]
        waits = priority_waits(rates, 1.0, cv)
        assert waits == sorted(waits)
        weighted = sum(rate * wait for rate, wait in zip(rates, waits, strict=True)) / sum(rates)
        assert weighted == pytest.approx(mg1_wait(sum(rates), 1.0, cv))
    assert priority_waits([0.6], 2.0 / 3, 0.5) == pytest.approx([mg1_wait(0.6, 2.0 / 3, 0.5)])


def test_two_priorities_by_hand() -> None:
    # Loads 0.3 and 0.4, exponential: R = 0.7; 0.7 / 0.7 and 0.7 / (0.7 × 0.3).
    assert priority_waits([0.3, 0.4], 1.0) == pytest.approx([1.0, 10 / 3])


def test_a_period_of_one_rate_is_mmc() -> None:
    exact = 2.0 * (mmc_wait(3, 2.0, 1.0) + 1)
    assert periodic_numbers(3, [(2.0, 5.0), (2.0, 1.0)], 1.0) == pytest.approx([exact, exact])


def test_with_enough_servers_the_number_follows_its_differential_equation() -> None:
    # m' = λ(t) - m; over (λ, T): m → λ + (m - λ)·e^-T, and the period closes.
    pieces = [(1.0, 2.0), (6.0, 1.0), (0.0, 3.0)]
    mean = 0.0
    for _ in range(50):
        ends = []
        for rate, length in pieces:
            mean = rate + (mean - rate) * math.exp(-length)
            ends.append(mean)
    assert periodic_numbers(60, pieces, 1.0) == pytest.approx(ends)
