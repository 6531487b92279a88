"""Play one replication of a scenario and write down its cases: a child of ``engines.py``.

Run ``python benchmarks/one_replication.py SCENARIO FILE``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sim.experiment.replicate import prepare, replicate
from sim.scenario.load import load


def main() -> None:
    """Play, and write the number of cases."""
    scenario, target = sys.argv[1:]
    _, ledger = replicate(prepare(load(scenario)), 0, 1)
    Path(target).write_text(str(len(ledger.table.exit_s)), encoding="utf-8")


if __name__ == "__main__":
    main()
