"""M/M/5 at utilisation 0.9 on the compiled engine of this project.

A second of the engine is one 2,000th of a mean service time here, as times of the engine are
whole seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from mm5 import SERVERS, UTILISATION

from sim.chance.draws import Seed
from sim.chance.history import History, history
from sim.engine.packed import LATEST_S, Packed, packed
from sim.engine.play import EngineResult, play
from sim.process.blocks import Draw, Seconds, Serve, sequence
from sim.process.clock import Calendar
from sim.process.network import DayProfile, Group, ProcessNetwork, Rhythm, Route

TICKS = 2_000
"""Ticks of the engine in a mean service time."""


@dataclass(frozen=True, eq=False)
class Queue:
    """An M/M/5 queue that about so many customers come to."""

    network: ProcessNetwork
    packed: Packed

    def draw(self, seed: int = 1) -> History:
        """Draw the arrivals."""
        return history(self.network, Seed(seed, 0))

    def play(self, drawn: History) -> EngineResult:
        """Run the engine, which draws the services."""
        return play(self.network, self.packed, drawn, 1, self.network.end_s)


def queue(customers: int) -> Queue:
    """Build the queue.

    Raises
    ------
    ValueError
        If so many customers take longer than the engine's longest simulation.
    """
    end = round(customers / (SERVERS * UTILISATION) * TICKS)
    if end > LATEST_S:
        raise ValueError(f"{customers} customers; at most {LATEST_S / end * customers:.0f}")
    serve = Serve(
        activity="serve",
        phase="service",
        wait_phase="wait",
        skill="serve",
        duration=Draw("accept_work", Seconds(TICKS, 1.0, "exponential")),
        ticket=True,
        on_left=sequence(),
    )
    network = ProcessNetwork(
        routes=(Route("customer", serve, float(customers)),),
        groups=(Group("servers", ("serve",), tuple("12345"), "always"),),
        sessions={},
        calendars={"always": Calendar((0,), (end,), (0,))},
        rhythm=Rhythm((0,), (1.0,), 0.0, (DayProfile((0, end), (0.0, 1.0)),)),
        end_s=end,
        working_calendar="always",
        hall_calendar="always",
    )
    return Queue(network, packed(network))


def mean_wait(played: EngineResult) -> float:
    """Return the mean wait in mean service times."""
    cases = played.table
    return float((cases.stays["start_s"] - cases.stays["enabled_s"]).mean()) / TICKS
