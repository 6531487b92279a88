"""Home departments: sections 股室 and signatures, by file or in person, and cases that stick."""

from __future__ import annotations

from dataclasses import dataclass

from sim.process.blocks import (
    Attending,
    AwaitSession,
    Block,
    Chance,
    Choice,
    Delay,
    Draw,
    Geometric,
    Serve,
    Visit,
    sequence,
)
from sim.rules.hall import Hall, chance, days, fixed_days, fixed_minutes, home, shared
from sim.rules.staffing import section_skill

MEETING = "coordination meeting"
OUT, BACK = "courier to the departments", "courier back to the hall"
"""Sessions of the courier, one for each leg."""


@dataclass(frozen=True)
class Passage:
    """A file's way through one department.

    Parameters
    ----------
    unit
        The department.
    sections, signatures
        How many of each.
    first
        Occurrence of the first section's and signature's draws: assisting departments have
        their own, by their place in the item's list.
    phase
        Where the time counts; None = by what happens (inbox, work, signature).
    """

    unit: str
    sections: int
    signatures: int
    first: int = 0
    phase: str | None = None


def leader(unit: str, number: int) -> str:
    """Return the name of a leader, counted from 0; it is also that of the signing session."""
    return f"leader:{unit}:{number}"


@shared
def courier(hall: Hall, leg: str, *, phase: str = "courier") -> Block:
    """Go with the next courier of a leg (`OUT` or `BACK`), and arrive some time later."""
    own = leg == BACK and hall.settings.courier.returns is not None
    return sequence(
        AwaitSession(
            activity="wait for the courier",
            phase=phase,
            session=leg,
            origin=f"offices · courier.{'returns' if own else 'departures'}",
        ),
        Delay(
            activity="courier",
            phase=phase,
            duration=fixed_minutes(hall.settings.courier.trip_min),
            calendar="always",
            handoffs=1,
            origin="offices · courier.trip_min",
        ),
    )


@shared
def by_file(hall: Hall, passage: Passage) -> Block:
    """Lie in each section's inbox, be worked on, then lie on each leader's desk."""
    blocks: list[Block | None] = []
    for number in range(passage.sections):
        blocks += [
            _stuck_at_section(hall, passage, number),
            _inbox(hall, passage, number),
            _section_work(hall, passage, number, handoffs=1 if number else 0),
        ]
    for number in range(passage.signatures):
        blocks += [_stuck_at_signature(hall, passage, number), _signature(passage, number)]
    return sequence(*blocks)


@shared
def in_person(hall: Hall, passage: Passage) -> Block:
    """Carry the file through the sections and to each leader; an absent one costs a trip."""
    blocks: list[Block | None] = []
    for number in range(passage.sections):
        blocks += [
            _stuck_at_section(hall, passage, number),
            _section_work(hall, passage, number, handoffs=0),
        ]
    for number in range(passage.signatures):
        blocks += [_stuck_at_signature(hall, passage, number), _errand(hall, passage, number, 1)]
    return sequence(*blocks)


def _inbox(hall: Hall, passage: Passage, number: int) -> Block:
    offices = hall.settings.offices
    slow = hall.departments[passage.unit].slow
    return Delay(
        activity="lie in the inbox",
        phase=passage.phase or "inbox",
        duration=days(
            "inbox",
            offices.inbox_wd,
            passage.first + number,
            factor=offices.slow_factor if slow else 1.0,
        ),
        calendar=None,
        origin="offices · offices.inbox_wd",
    )


def _section_work(hall: Hall, passage: Passage, number: int, *, handoffs: int) -> Block:
    offices = hall.settings.offices
    return Serve(
        activity=f"section {number + 1}",
        phase=passage.phase or "work",
        wait_phase=passage.phase or "inbox",
        skill=section_skill(passage.unit, number),
        duration=hall.work(
            "section_work",
            offices.section_work_min,
            passage.first + number,
            share=offices.hall_share,
        ),
        staff_share=offices.hall_share,
        handoffs=handoffs,
        origin="offices · offices.section_work_min",
    )


def _signature(passage: Passage, number: int) -> Block:
    return AwaitSession(
        activity=f"signature {number + 1}",
        phase=passage.phase or "signature",
        session=leader(passage.unit, number),
        handoffs=1,
        origin="offices · offices.leader_attendance",
    )


def _errand(hall: Hall, passage: Passage, number: int, attempt: int) -> Block:
    """See a leader; who finds the room empty comes again, and at last leaves the file there."""
    offices = hall.settings.offices
    session = leader(passage.unit, number)
    sign = Delay(
        activity=f"signature {number + 1} in person",
        phase=passage.phase or "signature",
        duration=fixed_minutes(offices.sign_min),
        calendar="office",
        origin="offices · offices.sign_min",
    )
    back = Visit(home(passage.unit), "offices · offices.errand_wd")
    if attempt >= offices.errand_attempts:
        absent = sequence(_signature(passage, number), _fetched(hall, passage), back)
    else:
        absent = sequence(
            Delay(
                activity="come again for the leader",
                phase=passage.phase or "signature",
                duration=fixed_days(offices.errand_wd),
                calendar=None,
                origin="offices · offices.errand_wd",
            ),
            back,
            _errand(hall, passage, number, attempt + 1),
        )
    return Choice(
        ((Attending(session), sign), (None, absent)),
        f"leader {number + 1} in?",
        "offices · offices.leader_attendance",
    )


def _fetched(hall: Hall, passage: Passage) -> Block:
    """Let the half-day end at which the leader signed: the applicant comes in the next one."""
    return Delay(
        activity="fetch the file",
        phase=passage.phase or "signature",
        duration=fixed_minutes(hall.settings.offices.sign_min),
        calendar="office",
        origin="offices · offices.errand_attempts",
    )


# Cases that stick -------------------------------------------------------------------------


def _stuck_at_section(hall: Hall, passage: Passage, number: int) -> Block | None:
    return _stuck_step(hall, passage, "section", passage.first + number)


def _stuck_at_signature(hall: Hall, passage: Passage, number: int) -> Block | None:
    return _stuck_step(hall, passage, "signature", passage.first + number)


def _stuck_step(hall: Hall, passage: Passage, kind: str, occurrence: int) -> Block | None:
    stuck = hall.settings.stuck
    if stuck.at != "step":
        return None
    slow = hall.departments[passage.unit].slow
    hazard = min(1.0, stuck.step_hazard * (stuck.slow_factor if slow else 1.0))
    return Choice(
        (
            (
                Chance(chance(f"stuck_{kind}", occurrence), hazard),
                blocked(hall, f"release_{kind}", occurrence),
            ),
        ),
        "stuck?",
        "offices · stuck.step_hazard",
    )


def case_hazard(hall: Hall, unit: str) -> float:
    """Return the chance that a case of this unit sticks once, wherever it is decided."""
    stuck = hall.settings.stuck
    if stuck.at != "case":
        return 0.0
    return min(1.0, stuck.case_share * (stuck.slow_factor if hall.departments[unit].slow else 1.0))


@shared
def blocked(hall: Hall, purpose: str, occurrence: int = 0) -> Block:
    """Lie still until a coordination meeting frees the case."""
    probability = hall.settings.stuck.release_probability
    return AwaitSession(
        activity="stuck until a meeting frees it",
        phase="blocked",
        session=MEETING,
        count=Draw(purpose, Geometric(probability), occurrence),
        origin="offices · stuck.release_probability",
    )
