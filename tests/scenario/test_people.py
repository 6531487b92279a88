"""People by unit that a policy sets: what is refused, and where it was written."""

from __future__ import annotations

from tests.scenario.conftest import Hall


def test_people_are_set_one_by_one(hall: Hall) -> None:
    loaded = hall.load(values=["policy.staff.land=4", "policy.officers.health=2"])
    assert loaded.settings.policy.staff == {"land": 4}
    assert loaded.settings.policy.officers == {"health": 2}
    assert loaded.content != hall.load().content


def test_a_reform_file_sets_people(hall: Hall) -> None:
    hall.reform("plan", "staff", "{land: 4, police: 1}")
    assert hall.load("hall.yaml+plan").settings.policy.staff == {"land": 4, "police": 1}
    both = hall.load("hall.yaml+plan", ["policy.staff.land=1"])
    assert both.settings.policy.staff == {"land": 1, "police": 1}


def test_all_people_that_cannot_be_are_told_at_once(hall: Hall) -> None:
    hall.add("policy:\n  staff: {lnd: 2, health: 9}\n  officers: {land: 2}\n")
    assert hall.problems() == [
        (
            "hall.yaml", 9, "policy.staff names the unknown department 'lnd'",
            "did you mean 'land'? (land, health, police)",
        ),
        (
            "hall.yaml", 9, "policy.staff.health is 9, more than its sections can send",
            "at most 3, or people of its own by policy.officers.health",
        ),
        ("hall.yaml", 10, "policy.officers.land is 2", "3 or more, one for each section"),
    ]  # fmt: skip


def test_nobody_is_no_staff(hall: Hall) -> None:
    file, _, found, _ = hall.problem(values=["policy.staff.land=0"])
    assert file == "--set policy.staff.land=0"
    assert "policy.staff.land is 0" in found


def test_new_people_need_no_section_to_send_them(hall: Hall) -> None:
    for more in ("policy.officers.health=4", "staffing.staff_transfer=false"):
        assert hall.load(values=["policy.staff.health=9", more]).settings.policy.staff
