"""Joint approval 联合办理: the opinions of assisting units, and silent consent 超时默许."""

from __future__ import annotations

from sim.process.blocks import Block, Parallel, Serve, Visit, Within, sequence
from sim.rules.hall import HALL, Hall
from sim.rules.offices import (
    BACK,
    OUT,
    DepartmentStage,
    attended,
    brought,
    by_file,
    come,
    courier,
    in_person,
    inbox,
)
from sim.rules.staffing import desk_skill, section_skill
from sim.rules.tickets import TicketStep, ticket
from sim.scenario.catalogue import Item

HELPERS = "helpers"
HELPER_OCCURRENCES = 16
"""Occurrences of section and signature draws reserved for each assisting unit."""
CONSOLIDATE_OCCURRENCE = HELPER_OCCURRENCES - 1
"""Occurrence of the draws for leaving the file while the opinions are brought together."""


def opinions(item: Item, hall: Hall) -> Block | None:
    """Get every assisting unit's opinion, then bring them together at the lead unit.

    Parameters
    ----------
    item
        The item applied for.
    hall
        The hall under its policy.

    Returns
    -------
    Block or None
        None for an item without joint approval.
    """
    mode = hall.joint_mode(item)
    if mode == "none":
        return None
    stages = [_passage(hall, unit, index) for index, unit in enumerate(item.helpers)]
    if mode == "applicant":
        asked: Block = sequence(
            *(_carried(hall, stage) for stage in stages), _handed_back(item, hall)
        )
    elif mode == "serial":
        asked = sequence(*(_sent(hall, stage) for stage in stages))
    else:
        asked = Parallel(
            tuple(_sent(hall, stage) for stage in stages),
            "assisting units at the same time",
            "joint_approval · policy.joint_mode",
        )
    if hall.has_entered(item):
        return sequence(asked, _consolidate(item, hall))
    work, lead = (
        _consolidate(item, hall),
        DepartmentStage(item.department, 1, 0, CONSOLIDATE_OCCURRENCE),
    )
    together = brought(
        hall,
        lead,
        0,
        waits=attended(work),
        leaves=sequence(inbox(hall, lead), work),
    )
    return sequence(asked, together)


def _passage(hall: Hall, unit: str, index: int) -> DepartmentStage:
    department, joint = hall.departments[unit], hall.settings.joint
    return DepartmentStage(
        unit=unit,
        sections=min(joint.helper_sections, department.sections),
        signatures=min(joint.helper_signatures, department.leaders),
        first=HELPER_OCCURRENCES * (1 + index),
        phase=HELPERS,
    )


def _sent(hall: Hall, passage: DepartmentStage) -> Block:
    """Send the file to one unit and back; under silent consent no reply in time is agreement."""
    way = sequence(
        courier(hall, OUT, phase=HELPERS),
        by_file(hall, passage),
        courier(hall, BACK, phase=HELPERS),
    )
    if hall.settings.policy.silent_consent == "none":
        return way
    return Within(
        hall.settings.joint.helper_limit_wd,
        way,
        expires=True,
        activity="silence counts as agreeing",
        origin="joint_approval · joint.helper_limit_wd",
    )


def _carried(hall: Hall, passage: DepartmentStage) -> Block:
    return sequence(
        come(hall, passage.unit, "joint_approval · policy.joint_mode"), in_person(hall, passage)
    )


def _handed_back(item: Item, hall: Hall) -> Block:
    if not hall.has_entered(item):
        return come(hall, item.department, "joint_approval · policy.joint_mode")
    return sequence(
        Visit(HALL, "joint_approval · policy.joint_mode"),
        ticket(
            hall,
            item.department,
            activity="hand in the opinions",
            duration=hall.work("forward_work", hall.settings.service.forward_min, 1),
            step=TicketStep.OPINIONS,
            origin="joint_approval · service.forward_min",
        ),
    )


def _consolidate(item: Item, hall: Hall) -> Serve:
    in_hall = hall.has_entered(item)
    share = 1.0 if in_hall else hall.settings.offices.hall_share
    return Serve(
        activity="bring the opinions together",
        phase="work",
        wait_phase="inbox",
        skill=desk_skill(item.department) if in_hall else section_skill(item.department, 0),
        duration=hall.work("consolidate_work", hall.settings.joint.consolidate_min, share=share),
        staff_share=share,
        origin="joint_approval · joint.consolidate_min",
    )
