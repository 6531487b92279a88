"""Exact results of queueing theory, against which the engines are tested.

Times are in any one unit; rates are per that unit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def erlang_c(servers: int, load: float) -> float:
    """Return the probability of waiting in M/M/c.

    Parameters
    ----------
    servers
        Number of servers c.
    load
        Offered load a = λ/μ, below c.

    Returns
    -------
    float
        Erlang's C(c, a), 0 to 1.

    Notes
    -----
    Erlang (1917); Gross et al., Fundamentals of Queueing Theory, 4th ed., eq. 2.33.
    """
    terms = sum(load**n / math.factorial(n) for n in range(servers))
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (terms + last)


def mmc_wait(servers: int, arrival_rate: float, mean_service: float) -> float:
    """Return the mean wait in M/M/c: C(c, a) / (c·μ - λ).

    Parameters
    ----------
    servers
        Number of servers c.
    arrival_rate
        λ, below c·μ.
    mean_service
        Mean service time 1/μ.

    Returns
    -------
    float
        Mean time in the queue, over all customers.
    """
    wait_probability = erlang_c(servers, arrival_rate * mean_service)
    return wait_probability / (servers / mean_service - arrival_rate)


def mg1_wait(arrival_rate: float, mean_service: float, cv: float) -> float:
    """Return the mean wait in M/G/1 (Pollaczek and Khinchine): λ·E[S²] / (2·(1 - ρ)).

    Parameters
    ----------
    arrival_rate
        λ, with load ρ = λ·E[S] below 1.
    mean_service
        Mean service time E[S].
    cv
        Coefficient of variation of the service time.

    Returns
    -------
    float
        Mean time in the queue.
    """
    rho = arrival_rate * mean_service
    second_moment = mean_service**2 * (1 + cv**2)
    return arrival_rate * second_moment / (2 * (1 - rho))


def erlang_a(
    servers: int, arrival_rate: float, mean_service: float, mean_patience: float
) -> tuple[float, float]:
    """Return the share who leave and the mean wait in M/M/c+M.

    Parameters
    ----------
    servers
        Number of servers c.
    arrival_rate
        λ; it may exceed c·μ.
    mean_service
        Mean service time 1/μ.
    mean_patience
        Mean of the exponential patience 1/θ.

    Returns
    -------
    tuple of float
        Share of customers who leave before service, 0 to 1, and mean wait of all customers.

    Notes
    -----
    Birth and death: from state n customers go at min(n, c)·μ + (n - c)⁺·θ.  Waiting customers leave
    at rate θ each, so P(leave) = θ·E[queue]/λ; Little's law gives the wait of all,
    served or not.  Palm (1957); Garnett, Mandelbaum and Reiman (2002).
    """
    service_rate, leaving_rate = 1 / mean_service, 1 / mean_patience
    weights = [1.0]
    state = 0
    while state < servers or weights[-1] > 1e-16 * sum(weights):
        state += 1
        out = min(state, servers) * service_rate + max(0, state - servers) * leaving_rate
        weights.append(weights[-1] * arrival_rate / out)
    total = sum(weights)
    queue = sum(max(0, n - servers) * weight for n, weight in enumerate(weights)) / total
    return leaving_rate * queue / arrival_rate, queue / arrival_rate


def fork_join_response(arrival_rate: float, mean_service: float) -> float:
    """Return the mean response of two M/M/1 queues that fork and join.

    Parameters
    ----------
    arrival_rate
        λ of the jobs, each of which sends one task to both queues; load ρ = λ/μ below 1.
    mean_service
        Mean service time 1/μ of each queue.

    Returns
    -------
    float
        Mean time from arrival until both tasks are done.

    Notes
    -----
    (12 - ρ)/8 times the response of one M/M/1.  Flatto and Hahn (1984); Nelson and Tantawi
    (1988), eq. 6.
    """
    rho = arrival_rate * mean_service
    return (12 - rho) / 8 * mean_service / (1 - rho)


def priority_waits(
    arrival_rates: Sequence[float], mean_service: float, cv: float = 1.0
) -> list[float]:
    """Return the mean wait of each class at one server, the most urgent class first.

    Priorities are non-preemptive; within a class first come, first served.

    Parameters
    ----------
    arrival_rates
        Of each class, the most urgent first.
    mean_service, cv
        Mean and coefficient of variation of the service time, the same for all classes.

    Returns
    -------
    list of float
        Mean time in the queue of each class, in the order given.

    Notes
    -----
    W_k = R / ((1 - σ_(k-1))·(1 - σ_k)) with σ_k the load of the classes up to k and
    R = Σ λ·E[S²]/2.  Cobham, Priority assignment in waiting line problems (1954).
    """
    rest = sum(arrival_rates) * mean_service**2 * (1 + cv**2) / 2
    waits, above = [], 0.0
    for rate in arrival_rates:
        upto = above + rate * mean_service
        waits.append(rest / ((1 - above) * (1 - upto)))
        above = upto
    return waits


def periodic_numbers(
    servers: int, pieces: Sequence[tuple[float, float]], mean_service: float, states: int = 120
) -> list[float]:
    """Return the mean number in Mt/M/c at the end of each piece of a period that repeats.

    Parameters
    ----------
    servers
        Number of servers c.
    pieces
        Arrival rate and length of each piece of the period.
    mean_service
        Mean of the exponential service.
    states
        States that are computed, 0 to ``states`` - 1 customers in the system; larger numbers must
        have a negligible probability.

    Returns
    -------
    list of float
        Mean number in the system, waiting or served, at the end of each piece.

    Notes
    -----
    Kolmogorov's forward equations p' = p·Q(t) of the birth-death chain, Q constant in each
    piece, so that p goes over a piece by the matrix exponential.  The period is repeated
    until the chain no longer remembers its start.  Green and Kolesar, The pointwise
    stationary approximation for queues with nonstationary arrivals (1991).
    """
    from scipy.linalg import expm  # noqa: PLC0415  (slow to import)

    down = np.minimum(np.arange(1, states), servers) / mean_service
    steps = []
    for rate, length in pieces:
        generator = np.diag(np.full(states - 1, rate), 1) + np.diag(down, -1)
        generator -= np.diag(generator.sum(axis=1))
        steps.append(expm(generator * length))
    at_start: Floats = np.linalg.matrix_power(np.linalg.multi_dot([np.eye(states), *steps]), 64)[0]
    numbers = []
    for step in steps:
        at_start = at_start @ step
        numbers.append(float(at_start @ np.arange(states)))
    return numbers
