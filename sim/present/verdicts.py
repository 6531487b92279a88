"""The signs that stand for verdicts."""

from __future__ import annotations

from sim.stats.comparison import Verdict

MARKS = {
    Verdict.BETTER: " ✓",
    Verdict.WORSE: " ✗",
    Verdict.OTHER_CASES: " ≠",
    Verdict.DEPENDS: " ~",
    Verdict.UNCLEAR: " ?",
}
