"""Home departments: sections 股室 and signatures, by file or in person, and stuck cases."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.process.blocks import (
    Attending,
    AwaitSession,
    Block,
    Chance,
    Choice,
    Delay,
    Draw,
    Geometric,
    Parallel,
    Serve,
    Visit,
    sequence,
)
from sim.rules.hall import Hall, chance, days, fixed_days, fixed_minutes, home, shared
from sim.rules.staffing import section_skill

MEETING = "coordination meeting"
CLEARANCE = "clearing of the backlog"
"""Name of the session on the day on which the stuck cases are dealt with."""
STUCK = "stuck until a meeting frees it"
"""Activity of a case that is stuck."""
OFFICE = "office"
"""Name of the calendar of the home departments."""
OUT, BACK = "courier to the departments", "courier back to the hall"
"""Names of the sessions of the courier, one for each leg."""


@dataclass(frozen=True)
class DepartmentStage:
    """A file's way through one department.

    Parameters
    ----------
    unit
        Id of the department.
    sections, signatures
        How many of each.
    first
        Occurrence of the first section's and signature's draws: assisting departments have
        their own, by their place in the item's list.
    phase
        Phase in which the time counts; None = by what happens (inbox, work, signature).
    """

    unit: str
    sections: int
    signatures: int
    first: int = 0
    phase: str | None = None


def leader(unit: str, number: int) -> str:
    """Return the name of a leader, counted from 0; it is also that of the signing session.

    Parameters
    ----------
    unit
        Id of the department.
    number
        Which of its leaders, from 0, the lowest.

    Returns
    -------
    str
        Name, unique in a hall.
    """
    return f"leader:{unit}:{number}"


@shared
def courier(hall: Hall, leg: str, *, phase: str = "courier") -> Block:
    """Go with the next courier of a leg (`OUT` or `BACK`), and arrive some time later.

    Parameters
    ----------
    hall
        The hall under its policy.
    leg
        `OUT` or `BACK`.
    phase
        Phase in which the time counts.

    Returns
    -------
    Block
        The wait for the courier, and the trip.
    """
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
def by_file(hall: Hall, passage: DepartmentStage) -> Block:
    """Lie in each section's inbox, be worked on, then lie on each leader's desk.

    Parameters
    ----------
    hall
        The hall under its policy.
    passage
        The department, and how many sections and signatures.

    Returns
    -------
    Block
        From delivery to the last signature, without the applicant.
    """
    blocks: list[Block | None] = []
    for number in range(passage.sections):
        blocks += [
            _stuck_step(hall, passage, "section", number),
            inbox(hall, passage, number),
            _section_work(hall, passage, number, handoffs=1 if number else 0),
        ]
    for number in range(passage.signatures):
        blocks += [
            _stuck_step(hall, passage, "signature", number),
            _signature(hall, passage, number),
        ]
    return sequence(*blocks)


@shared
def in_person(hall: Hall, passage: DepartmentStage) -> Block:
    """Carry the file from section to section and to each leader.

    A file that is left at a section, a case that gets stuck and an absent leader each cost a trip,
    and so does every close of the offices at which the applicant is not finished.

    Parameters
    ----------
    hall
        The hall under its policy.
    passage
        The department, and how many sections and signatures.

    Returns
    -------
    Block
        From the first section to the last signature, with the applicant.
    """
    blocks: list[Block | None] = []
    for number in range(passage.sections):
        stuck = _stuck_step(hall, passage, "section", number)
        waiting = _stuck_step(hall, passage, "section", number, in_person=True)
        lies = inbox(hall, passage, number)
        work = _section_work(hall, passage, number, handoffs=0)
        blocks.append(
            brought(
                hall,
                passage,
                number,
                waits=sequence(waiting, attended(work)),
                leaves=sequence(stuck, lies, work),
            )
        )
    for number in range(passage.signatures):
        blocks += [
            _stuck_step(hall, passage, "signature", number, in_person=True),
            _errand(hall, passage, number, 1),
        ]
    return sequence(*blocks)


def attended(step: Serve) -> Serve:
    """Return work in a home department at which the applicant is present until it is done.

    Parameters
    ----------
    step
        The work.

    Returns
    -------
    Serve
        The same work with the applicant present.
    """
    return replace(step, present_on=OFFICE)


def brought(
    hall: Hall, passage: DepartmentStage, number: int, *, waits: Block, leaves: Block
) -> Block:
    """Bring a file to a section: stand by, or leave it and come again for it.

    Parameters
    ----------
    hall
        The hall under its policy.
    passage, number
        Which department, and which of its sections, from 0.
    waits, leaves
        What happens to the file while the applicant stands by, or is away.  An applicant who leaves
        the file comes again after the errand time, or when it is done if that is later.

    Returns
    -------
    Block
        By chance one or the other; the applicant is at the department when it ends.
    """
    offices = hall.settings.offices
    meanwhile = Delay(
        activity="come again for the file",
        phase=passage.phase or "applicant",
        duration=fixed_days(offices.errand_wd),
        calendar=None,
        origin="offices · offices.errand_wd",
    )
    comes_again = sequence(
        Parallel(
            (leaves, meanwhile),
            "the file is dealt with, the applicant away",
            "offices · offices.leave_file_share",
        ),
        come(hall, passage.unit, "offices · offices.leave_file_share"),
    )
    leave_file = chance("leave_file", passage.first + number)
    return Choice(
        (
            (Chance(leave_file, offices.leave_file_share), comes_again),
            (None, waits),
        ),
        "leaves the file?",
        "offices · offices.leave_file_share",
    )


@shared
def come(hall: Hall, unit: str, origin: str) -> Block:  # noqa: ARG001  (shared by hall)
    """Come to a home department: at once, or when it opens next.

    Parameters
    ----------
    hall
        The hall under its policy.
    unit
        Id of the department.
    origin
        Rule and field that make the applicant come.

    Returns
    -------
    Block
        The wait for the office, and the visit.
    """
    return sequence(
        Delay(
            activity="wait for the office to open",
            phase="applicant",
            duration=fixed_minutes(0),
            calendar=OFFICE,
            until_open=True,
            origin=origin,
        ),
        Visit(home(unit), origin),
    )


def inbox(hall: Hall, passage: DepartmentStage, number: int = 0) -> Block:
    """Lie in the inbox of a section, counted from 0.

    Parameters
    ----------
    hall
        The hall under its policy.
    passage
        The department.
    number
        Which section, from 0.

    Returns
    -------
    Block
        A time in working days, longer in slow departments.
    """
    offices = hall.settings.offices
    slow = hall.departments[passage.unit].slow
    return Delay(
        activity="lie in the inbox",
        phase=passage.phase or "inbox",
        duration=days(
            "inbox",
            offices.inbox_wd,
            passage.first + number,
            factor=hall.settings.policy.inbox_factor * (offices.slow_factor if slow else 1.0),
        ),
        calendar=None,
        origin="offices · offices.inbox_wd",
    )


def _section_work(hall: Hall, passage: DepartmentStage, number: int, *, handoffs: int) -> Serve:
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


def _signature(hall: Hall, passage: DepartmentStage, number: int) -> Block:
    return AwaitSession(
        activity=f"signature {number + 1}",
        phase=passage.phase or "signature",
        session=leader(passage.unit, number),
        handoffs=1,
        staff_s=hall.settings.offices.sign_min * 60,
        origin="offices · offices.leader_attendance",
    )


def _errand(hall: Hall, passage: DepartmentStage, number: int, attempt: int) -> Block:
    """See a leader; come again while the leader is absent, and at last leave the file there."""
    offices = hall.settings.offices
    session = leader(passage.unit, number)
    sign = Delay(
        activity=f"signature {number + 1} in person",
        phase=passage.phase or "signature",
        duration=fixed_minutes(offices.sign_min),
        calendar=OFFICE,
        staff_s=offices.sign_min * 60,
        present_on=OFFICE,
        origin="offices · offices.sign_min",
    )
    back = come(hall, passage.unit, "offices · offices.errand_wd")
    if attempt >= offices.errand_attempts:
        absent = sequence(_signature(hall, passage, number), back)
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


# Cases that get stuck ---------------------------------------------------------------------


def _stuck_step(
    hall: Hall, passage: DepartmentStage, kind: str, number: int, *, in_person: bool = False
) -> Block | None:
    """Let a file get stuck at a section or signature; in person, come again when it is freed."""
    stuck, occurrence = hall.settings.stuck, passage.first + number
    if stuck.at != "step":
        return None
    back = come(hall, passage.unit, "offices · stuck.step_hazard") if in_person else None
    slow = hall.departments[passage.unit].slow
    hazard = min(1.0, stuck.step_hazard * (stuck.slow_factor if slow else 1.0))
    return Choice(
        (
            (
                Chance(chance(f"stuck_{kind}", occurrence), hazard),
                sequence(blocked(hall, kind, occurrence), back),
            ),
        ),
        "stuck?",
        "offices · stuck.step_hazard",
    )


def case_hazard(hall: Hall, unit: str) -> float:
    """Return the chance that a case of this unit gets stuck once, wherever it is decided.

    Parameters
    ----------
    hall
        The hall under its policy.
    unit
        Id of the department that decides.

    Returns
    -------
    float
        Probability, 0 to 1; 0 unless cases get stuck as such (`stuck.at`).
    """
    stuck = hall.settings.stuck
    if stuck.at != "case":
        return 0.0
    return min(1.0, stuck.case_share * (stuck.slow_factor if hall.departments[unit].slow else 1.0))


@shared
def blocked(hall: Hall, kind: str, occurrence: int = 0) -> Block:
    """Lie still until a coordination meeting frees the case, or the backlog is cleared.

    Parameters
    ----------
    hall
        The hall under its policy.
    kind
        Where it is stuck: ``section``, ``signature``, or ``case`` wherever it is decided.
    occurrence
        Of the draws, from 0.

    Returns
    -------
    Block
        The wait for the meeting, or for the clearing of the backlog if that is earlier.
    """
    probability, policy = hall.settings.stuck.release_probability, hall.settings.policy
    waits = AwaitSession(
        activity=STUCK,
        phase="blocked",
        session=MEETING,
        count=Draw(f"release_{kind}", Geometric(probability), occurrence),
        origin="offices · stuck.release_probability",
    )
    if policy.backlog_cleared_on is None or not policy.backlog_release_share:
        return waits
    origin = "offices · policy.backlog_release_share"
    taken_up = Chance(chance(f"taken_up_{kind}", occurrence), policy.backlog_release_share)
    cleared = replace(waits, or_session=CLEARANCE, origin=origin)
    return Choice(((taken_up, cleared), (None, waits)), "freed with the backlog?", origin)
