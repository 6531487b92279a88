"""Count the cases of the first replication of a scenario: a child of ``engines.py``.

Run ``python benchmarks/count_cases.py SCENARIO FILE``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sim.chance.demand import arrivals
from sim.chance.draws import Seed
from sim.rules.journey import network_of
from sim.scenario.load import load


def main() -> None:
    """Draw who comes, and write down how many there are."""
    scenario, target = sys.argv[1:]
    loaded = load(scenario)
    came = arrivals(network_of(loaded), Seed(loaded.settings.experiment.seed, 0))
    Path(target).write_text(str(len(came.time_s)), encoding="utf-8")


if __name__ == "__main__":
    main()
