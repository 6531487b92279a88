"""The spreadsheets of a hall: departments and service items."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sim.scenario.fields import Section
from sim.scenario.schema import Bilingual

_YES = {"yes", "y", "true", "1", "是"}
_NO = {"no", "n", "false", "0", "否", ""}


def _yes_no(value: object) -> object:
    text = str(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ValueError(f"{value!r} is neither yes nor no")


def _names(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.replace("；", ";").split(";") if part.strip())
    return value


YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Names = Annotated[tuple[str, ...], Field(max_length=30), BeforeValidator(_names)]
IDENTIFIER = r"^[A-Za-z0-9_\-]+$"
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]

Authority = Literal["none", "partial", "full"]
JointMode = Literal["none", "applicant", "serial", "parallel"]
Inspection = Literal["none", "site_visit", "expert_review", "hearing"]


class Department(Section):
    """A unit of the county government, resident in the hall or not."""

    id: Identifier
    """Short name used by the items table."""
    name_en: str
    """Name in English."""
    name_zh: str
    """Name in Chinese."""
    entered: YesNo
    """The unit has windows in the hall."""
    slow: YesNo = False
    """One of the slow units (`offices.slow_factor`, `stuck.slow_factor`)."""
    window_staff: Annotated[int, Field(ge=0, le=500)]
    """People at its windows as surveyed."""
    qualified: Annotated[int, Field(ge=0, le=500)]
    """Of these, people who may decide."""
    window_staff_full: Annotated[int, Field(ge=0, le=500)]
    """People at its windows once all its items have entered; they come from its sections."""
    decision_staff: Annotated[int, Field(ge=0, le=100)] = 0
    """People who come from its sections once all its delegable items have full authority."""
    sections: Annotated[int, Field(ge=1, le=10)]
    """Sections a file can pass through."""
    officers_per_section: Annotated[int, Field(ge=1, le=200)]
    """Officers in each section as surveyed."""
    leaders: Annotated[int, Field(ge=0, le=10)]
    """Leaders who sign, lowest first."""
    certificate_at_window: YesNo = False
    """Its certificates are printed and sealed in the hall."""

    @property
    def name(self) -> Bilingual:
        """The name in both languages."""
        return Bilingual(en=self.name_en, zh=self.name_zh)


class Item(Section):
    """A service item of the catalogue."""

    id: Identifier
    """Short name, unique in the table."""
    name_en: str
    """Name in English."""
    name_zh: str
    """Name in Chinese."""
    department: str
    """Unit that decides (id in the departments table)."""
    entered: YesNo
    """Entered in the hall as surveyed."""
    authority: Authority
    """Authority of the window as surveyed."""
    one_sitting: YesNo = False
    """Can be decided while the applicant sits there."""
    delegable: YesNo = True
    """The law allows the window to decide."""
    authority_rank: Annotated[int, Field(ge=1, le=1_000_000)]
    """Order in which delegable items get full authority (`policy.authorization`)."""
    entry_rank: Annotated[int, Field(ge=1, le=1_000_000)]
    """Order in which items enter (`policy.entry`)."""
    sections: Annotated[int, Field(ge=0, le=10)]
    """Sections its file passes in the home department; with no section and no signature it is
    decided at the counter that accepts it."""
    signatures: Annotated[int, Field(ge=0, le=10)]
    """Leaders who sign in the home department."""
    promised_wd: Annotated[float, Field(gt=0, le=250)]
    """Promised limit in working days."""
    statutory_wd: Annotated[float, Field(gt=0, le=250)]
    """Legal limit in working days."""
    statutory_law: str = ""
    """Law that sets the legal limit, in English and Chinese separated by ` | `; empty = the limit
    is an estimate."""
    cases_per_wd: Annotated[float, Field(ge=0, le=10_000)]
    """Cases per working day; 0 = dormant."""
    joint: JointMode = "none"
    """Who carries the joint approval as surveyed."""
    helpers: Names = ()
    """Assisting units, separated by `;`."""
    inspection: Inspection = "none"
    """What the decision needs on the ground; the clock stops meanwhile."""
    report_up: YesNo = False
    """A higher level decides after the county's review."""
    certificate: YesNo = False
    """A certificate is printed and sealed."""
    made_outside: YesNo = False
    """The document is made outside the county (`collection.made_outside_wd`), and the limit covers
    that."""
    fee_yuan: Annotated[float, Field(ge=0, le=1e7)] = 0.0
    """Fee per decided case."""
    payments: Annotated[int, Field(ge=0, le=6)] = 0
    """Cashier stops."""

    @property
    def name(self) -> Bilingual:
        """The name in both languages."""
        return Bilingual(en=self.name_en, zh=self.name_zh)
