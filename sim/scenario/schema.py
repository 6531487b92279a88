"""The fields a user may write in a scenario, with units, ranges and defaults.

Extras are forbidden and every object is frozen.  The attribute docstrings are
the reference: ``hall schema`` prints them as JSON Schema descriptions.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.scenario.fields import (
    FIRST_DAY,
    LAST_DAY,
    NonNegative,
    People,
    Positive,
    Replications,
    Section,
    Seed,
    Share,
    Timetable,
    Variation,
)
from sim.scenario.opening_hours import Calendar


class Bilingual(Section):
    """A text in English and Chinese."""

    en: str
    zh: str


class Duration(Section):
    """A random time; its unit is in the name of the field that holds it."""

    mean: Annotated[float, Field(ge=0, le=100_000)]
    """Mean, in the unit of the field."""
    cv: Variation = 0.6
    """Standard deviation divided by the mean."""
    family: Literal["gamma", "lognormal", "exponential", "fixed"] = "gamma"
    """Shape of the distribution."""


def _minutes(mean: float, cv: float = 0.6) -> Duration:
    return Duration(mean=mean, cv=cv)


class Horizon(Section):
    """The period that is counted, and how long cases are followed after it."""

    start: dt.date = dt.date(2008, 7, 1)
    """First day."""
    census: dt.date = dt.date(2009, 4, 20)
    """Last day counted; the census is taken at its end."""
    follow_up_wd: Annotated[int, Field(ge=0, le=500)] = 60
    """Working days each case is followed from its first contact, also past the census."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name in ("start", "census"):
            day = getattr(self, name)
            if not FIRST_DAY <= day <= LAST_DAY:
                raise ValueError(f"{name} {day}; allowed: a day from {FIRST_DAY} to {LAST_DAY}")
        if self.census < self.start:
            raise ValueError(
                f"the census {self.census} lies before the start {self.start}; "
                "allowed: a census on or after the start"
            )
        return self


class Tables(Section):
    """The spreadsheets of the hall, as paths inside the scenario's own folder."""

    departments: str
    """CSV of units: windows, staff, sections, leaders."""
    items: str
    """CSV of service items."""


class Demand(Section):
    """Who comes, and when."""

    volume: Annotated[float, Field(gt=0, le=50)] = 1.0
    """Factor on `cases_per_wd` of every item in the items table."""
    hidden_volume: Annotated[float, Field(ge=1, le=10)] = 1.0
    """Factor on the items kept at home offices: how much busier they are than surveyed."""
    busyness_cv: Variation = 0.2
    """Coefficient of variation of the daily busyness factor (gamma, mean 1)."""
    hour_weights: dict[int, NonNegative] = Field(
        default_factory=lambda: dict(
            zip(
                range(8, 17),
                (0.074, 0.127, 0.144, 0.131, 0.102, 0.082, 0.122, 0.131, 0.057),
                strict=True,
            )
        )
    )
    """Relative arrivals by clock hour; weights of closed hours go to the nearest open ones."""
    weekday_share: tuple[NonNegative, ...] = (0.20, 0.23, 0.19, 0.24, 0.14)
    """Shares of a week's arrivals, Monday to Friday, or to Sunday where the hall opens on other
    days too; they add up to 1.  An extra day takes its share from the others: the total stays that
    of the items table.  A make-up workday at a weekend is an average day."""
    hall_first_share: Share = 0.3
    """Applicants of items not entered who try the hall first."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        total, many = sum(self.weekday_share), len(self.weekday_share)
        if many not in (5, 7) or not abs(total - 1) <= 1e-6:
            raise ValueError(
                f"weekday_share has {many} shares adding up to {total:g}; allowed: five, or seven "
                "where the hall opens on other days too, adding up to 1"
            )
        if not any(self.hour_weights.values()) or not all(0 <= h <= 23 for h in self.hour_weights):
            raise ValueError(
                f"hour_weights {self.hour_weights}; "
                "allowed: hours 0 to 23 with at least one weight above 0"
            )
        return self


class Hall(Section):
    """The public room: how it treats those who wait."""

    area_m2: Positive = 618.0
    """Floor area."""
    people_per_m2: Positive = 0.5
    """People who can wait in comfort per square metre."""
    patience_min: Duration | None = Duration(mean=75, cv=1, family="exponential")
    """How long an applicant waits to hand in papers before leaving, to come again another day;
    breaks do not count; null = nobody leaves before the close."""
    decision_patience_min: Duration | None = Duration(mean=90, cv=0.3)
    """Open minutes an applicant waits in the hall for the decision before leaving; then it is made
    without them; null = nobody leaves before the close."""
    collection_patience_min: Duration | None = Duration(mean=90, cv=0.3)
    """Open minutes an applicant waits to pay, or to collect the document, before leaving to come
    again another day; null = nobody leaves before the close."""
    wait_target_min: Positive = 15.0
    """Wait that the hall promises not to exceed."""
    closing: Literal["serve_all", "send_home"] = "serve_all"
    """At closing, go on serving those in the hall for `overtime_max_min`, or send them home to come
    again."""
    overtime_max_min: Annotated[float, Field(ge=0, le=1440)] = 60.0
    """Minutes after the close until which those in the hall are called under `serve_all`, at most
    until midnight; those not called by then are sent home."""
    come_again_wd: Annotated[int, Field(ge=1, le=60)] = 1
    """Working days after which someone who left comes again; 1 = when the hall opens next on
    another day, also on an extra opening."""
    come_again_min: Duration = Duration(mean=120, cv=1, family="exponential")
    """Open minutes from the opening of that day until they are here."""
    attempts: Annotated[int, Field(ge=1, le=4)] = 3
    """Times an applicant comes for one step without being called before giving up; to pay or to
    collect, before waiting at home to be called."""
    status_enquiries_per_open_wd: Annotated[float, Field(ge=0, le=2)] = 0.024
    """Status enquiries by telephone per hall case and working day from its acceptance to its
    decision; each takes `service.enquire_min` of a window."""
    status_enquiries_max: Annotated[int, Field(ge=1, le=20)] = 8
    """Enquiries about one case after which the applicant asks no more."""
    information_min: NonNegative = 5.0
    """Minutes at the information desk for someone whose item is not in the hall."""
    cashier_unit: str = ""
    """Department whose windows take further payments; empty = the item's own."""


class Service(Section):
    """Minutes of work at windows and desks."""

    accept_min: Duration = _minutes(12)
    """Check and accept an application at the window."""
    decide_min: Duration = _minutes(15)
    """Decide at the window or the back desk under full authority."""
    review_min: Duration = _minutes(15)
    """Review at the window under partial authority."""
    forward_min: Duration = _minutes(8)
    """Register and hand a file to the courier."""
    collect_min: Duration = _minutes(4)
    """Hand over the document."""
    certificate_min: Duration = _minutes(6)
    """Print and seal a certificate."""
    pay_min: Duration = _minutes(4)
    """Take one payment."""
    reception_min: Duration = _minutes(12)
    """Receive an applicant at the home department."""
    enquire_min: Duration = _minutes(5)
    """Answer one status enquiry."""
    review_share: Share = 0.5
    """Part of the sections' review work (`offices.section_work_min` for each section) that the
    window keeps where it reviews or decides in their place."""
    one_sitting_share: Share | None = None
    """Share of all items that can be decided in one sitting, the simplest first (`authority_rank`);
    null = as in the items table."""


class Papers(Section):
    """How complete applications are."""

    incomplete_rate: Share = 0.20
    """Share of applications incomplete at the first attempt."""
    notice_gap_rate: Share = 0.10
    """Share of notices that were not complete, so that the next attempt fails as well."""
    make_up_wd: Duration = Duration(mean=3, cv=0.8)
    """Working days until the applicant is back with the missing papers."""
    attempts: Annotated[int, Field(ge=1, le=8)] = 5
    """Attempts after which the applicant withdraws."""
    returned_rate: Share = 0.0027
    """Share of applications outside the remit, returned with reasons."""


class Offices(Section):
    """Work in the home departments."""

    inbox_wd: Duration = Duration(mean=0.35, cv=1, family="exponential")
    """Working days a file lies in a section's inbox before an officer looks at it."""
    section_work_min: Duration = _minutes(20)
    """An officer's minutes per section."""
    hall_share: Annotated[float, Field(ge=0.001, le=1)] = 0.30
    """Share of an officer's day that is for these cases; it divides their speed."""
    slow_factor: Annotated[float, Field(ge=1, le=100)] = 1.6
    """Factor on the inbox time of slow departments."""
    leader_attendance: Annotated[float, Field(gt=0, le=1)] = 0.6
    """Share of half-days on which a leader is in the office and signs at its end."""
    sign_min: NonNegative = 5.0
    """Minutes a leader takes to sign, at the desk or for an applicant who stands there."""
    leave_file_share: Share = 0.5
    """Share of applicants at the home department who leave the file at a section, to come again,
    instead of standing by while the officer deals with it; drawn by applicant and section."""
    errand_wd: Annotated[int, Field(ge=1, le=30)] = 2
    """Working days until an applicant who found a leader absent, or left a file, comes again."""
    reply_limit_wd: Annotated[int, Field(ge=1, le=60)] = 10
    """Limit of the deciding department, after which `silent_consent: departments` applies."""
    errand_attempts: Annotated[int, Field(ge=1, le=8)] = 5
    """Errands to one leader before the applicant leaves the file on the desk."""


class Registration(Section):
    """What the hall's records show of a case."""

    off_books_share: Share = 0.0
    """Share of cases that go through the home department before they are registered, and are
    registered when they are ready to be decided (of those the window sends there)."""
    extension_wd: Annotated[float, Field(ge=0, le=60)] = 0.0
    """Working days by which every limit is extended."""


class Courier(Section):
    """Batches of files between the hall and the departments."""

    departures: Timetable = ("11:30", "17:00")
    """Departures of each working day, from the hall to the departments."""
    returns: Timetable | None = None
    """Departures from the departments back to the hall; null = at the times of `departures`."""
    trip_min: NonNegative = 30.0
    """Minutes from departure to delivery."""

    @property
    def times_back(self) -> tuple[str, ...]:
        """The timetable of the way back."""
        return self.departures if self.returns is None else self.returns


class Joint(Section):
    """Approvals that need other departments."""

    helper_sections: Annotated[int, Field(ge=1, le=5)] = 1
    """Sections a file passes in each assisting department."""
    helper_signatures: Annotated[int, Field(ge=0, le=5)] = 1
    """Signatures in each assisting department."""
    helper_limit_wd: Annotated[int, Field(ge=1, le=60)] = 10
    """Limit of an assisting department, after which silent consent applies when it is on."""
    consolidate_min: Duration = _minutes(30)
    """The lead unit's minutes to bring the opinions together."""


class Stuck(Section):
    """Cases that stop moving until a coordination meeting frees them."""

    at: Literal["nowhere", "step", "case"] = "step"
    """A hazard at each section and signature, or a property of the case."""
    step_hazard: Share = 0.01
    """Chance to get stuck at each section or signature (`at: step`)."""
    case_share: Share = 0.07
    """Share of cases that get stuck once on their way (`at: case`)."""
    slow_factor: Annotated[float, Field(ge=1, le=100)] = 2.0
    """Factor on the hazard in slow departments."""
    release_probability: Annotated[float, Field(ge=0.0001, le=1)] = 0.017
    """Chance that one coordination meeting frees a stuck case."""


class Suspension(Section):
    """Clock stops ordered during a decision."""

    share: Share = 0.0
    """Share of promised cases whose clock is stopped for supplements or an inspection."""
    duration_wd: Duration = Duration(mean=90, cv=0.3)
    """Working days such a stop lasts."""
    site_visit_wd: Duration = Duration(mean=3, cv=0.5)
    """Working days of a site visit."""
    expert_review_wd: Duration = Duration(mean=8, cv=0.4)
    """Working days of an expert review."""
    hearing_wd: Duration = Duration(mean=15, cv=0.3)
    """Working days of a hearing."""


class HigherLevel(Section):
    """Cases reported up."""

    delay_wd: Duration = Duration(mean=20, cv=0.5)
    """Working days the higher level takes; the clock is stopped."""


class Collection(Section):
    """How the document reaches the applicant."""

    made_outside_wd: Duration = Duration(mean=25, cv=0.25)
    """Working days until a document that is made outside the county is there."""
    notified_wd: Duration = Duration(mean=1.5, cv=0.7)
    """Working days from completion until the applicant comes for the document."""
    postal_wd: Duration = Duration(mean=3, cv=0.4)
    """Working days of the post."""
    wait_in_hall_min: NonNegative = 30.0
    """Longest expected wait for which an applicant stays in the hall."""


class Complaints(Section):
    """Hazard of a complaint per case."""

    base: Share = 0.0005
    """Chance of a complaint about any case."""
    per_overdue_wd: Share = 0.0001
    """Added chance per working day overdue."""
    per_extra_visit: Share = 0.0002
    """Added chance per visit beyond the second."""


class Fees(Section):
    """Fees."""

    scale: NonNegative = 1.0
    """Factor on the catalogue's fees (fitted)."""


class Staffing(Section):
    """Where people sit."""

    staff_transfer: bool = True
    """People who come with entered items or authorized decisions leave their home department."""
    entry_staff_factor: Annotated[float, Field(ge=0, le=5)] = 1.0
    """Factor on the people who come with entered items (`window_staff_full` less `window_staff` of
    the departments table)."""


class Policy(Section):
    """The levers: what a reform sets."""

    authorization: Share | None = None
    """Share of delegable entered items with full authority by `authority_rank`; null = surveyed."""
    authorization_otherwise: Literal["surveyed", "none", "partial"] = "surveyed"
    """Authority of delegable entered items outside that share (full ones fall to partial)."""
    entry: Share | None = None
    """Share of due items entered, by `entry_rank`; null = as surveyed."""
    joint_mode: Literal["surveyed", "applicant", "serial", "parallel"] = "surveyed"
    """Who carries a joint approval: the applicant, the hall serially, or the hall in parallel."""
    silent_consent: Literal["none", "helpers", "departments"] = "none"
    """Who agrees by silence at the limit: nobody, helpers, or the deciding department as well."""
    coordination_meetings_per_month: Annotated[float, Field(ge=0, le=40)] = 3.0
    """Coordination meetings a month."""
    backlog_cleared_on: dt.date | None = None
    """Day on which the stuck cases are taken up one by one; null = never.  Where the reform takes
    effect on a date, that date."""
    backlog_release_share: Share = 0.0
    """Share of the stuck cases that are released on that day."""
    inbox_factor: Annotated[float, Field(gt=0, le=10)] = 1.0
    """Factor on the time a file lies in a section's inbox (`offices.inbox_wd`)."""
    leader_attendance: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of half-days on which a leader is in the office; null = `offices.leader_attendance`."""
    recall_rate: Annotated[float, Field(ge=0, le=0.9)] = 0.10
    """Share of half-days a window person is recalled by the home department."""
    recall_half_days: Annotated[float, Field(ge=1, le=40)] = 2.0
    """Mean length of a recall, in half-days (geometric)."""
    work_speed: Annotated[float, Field(ge=0.05, le=3)] = 0.9
    """Speed of work of everyone, 1 = standard."""
    windows: Literal["dedicated", "comprehensive"] = "dedicated"
    """One queue per unit, or windows that serve every unit."""
    postal_share: Share = 0.0
    """Share of documents sent by post."""
    discipline: Literal["fifo", "due_date"] = "fifo"
    """Order of work: first come first served, or earliest due date."""
    qualified_share: Share | None = None
    """Share of window staff who may decide; null = as in the departments table."""
    staff: dict[str, People] = Field(default_factory=dict)
    """People in the hall by unit, in place of the departments table and of those who come with a
    reform.

    Those who leave the hall go back to the sections under `staffing.staff_transfer`.
    """
    officers: dict[str, People] = Field(default_factory=dict)
    """People in the home department by unit, spread evenly over its sections."""
    limit_factor: Annotated[float, Field(gt=0, le=2)] = 1.0
    """Promised limit divided by the surveyed one."""
    one_form_fees: bool = False
    """One payment per case instead of several."""
    certificates: Literal["surveyed", "window"] = "surveyed"
    """Where certificates are printed: as surveyed, or all at the window."""
    sections_max: Annotated[int, Field(ge=1, le=10)] | None = None
    """Most sections a file passes; null = as in the items table."""
    signatures_max: Annotated[int, Field(ge=0, le=10)] | None = None
    """Most signatures a file needs; null = as in the items table."""


class Phase(Section):
    """Reforms that take effect on a date."""

    begins: dt.date
    """First day on which they are in force."""
    reforms: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names or paths of the reforms."""
    departments: tuple[str, ...] = ()
    """Departments where they take effect; everywhere unless given."""


class Experiment(Section):
    """How often, and from which seed."""

    replications: Replications = 20
    """Independent histories simulated."""
    seed: Seed = 20090420
    """Seed; scenarios compared share it, so the same applicants walk into each."""


class Settings(Section):
    """Everything a run needs except the tables."""

    version: Literal[1] = 1
    """Version of the form of scenario files; another one needs another release of the program."""
    title: Bilingual
    """Name shown in reports and charts."""
    note: Bilingual | None = None
    """One sentence about the scenario."""
    horizon: Horizon = Horizon()
    calendar: Calendar = Calendar()
    tables: Tables
    demand: Demand = Demand()
    hall: Hall = Hall()
    service: Service = Service()
    papers: Papers = Papers()
    offices: Offices = Offices()
    registration: Registration = Registration()
    courier: Courier = Courier()
    joint: Joint = Joint()
    stuck: Stuck = Stuck()
    suspension: Suspension = Suspension()
    higher_level: HigherLevel = HigherLevel()
    collection: Collection = Collection()
    complaints: Complaints = Complaints()
    fees: Fees = Fees()
    staffing: Staffing = Staffing()
    policy: Policy = Policy()
    transition: tuple[Phase, ...] = ()
    """Reforms that take effect on a date, on top of `policy`; earlier cases keep their route."""
    experiment: Experiment = Experiment()
    calibration: str | None = None
    """File of fitted parameters laid over this scenario's own."""
    sources: dict[str, str] = Field(default_factory=dict)
    """For each parameter or table column, by dotted path: `GRADE low..high: note` (range optional).

    Grades: S the report, P public, D computed from S or P, E an estimate.
    """
    report: dict[str, Annotated[float, Field(ge=0, le=1e12)]] = Field(default_factory=dict)
    """Figures a report gives, by indicator; `hall run` shows them beside the simulated ones."""
    rivals: tuple[str, ...] = ()
    """Scenarios that explain the report as well; `hall compare` says when they disagree."""


class Reform(Section):
    """A small file that sets policy fields."""

    version: Literal[1] = 1
    """Version of the form of reform files, as in a scenario."""
    title: Bilingual
    """Name shown in reports and charts."""
    note: Bilingual | None = None
    """One sentence: what is done, and its evidence."""
    policy: dict[str, object]
    """The policy fields it sets."""
    sources: dict[str, str] = Field(default_factory=dict)
    """For each policy field whose value is somebody's choice: `GRADE low..high: note`, as in a
    scenario."""


ABOUT_THE_HALL = frozenset(
    {"version", "title", "note", "sources", "report", "rivals", "calibration"}
)
"""Top-level fields that describe the hall and affect no figure."""
NOT_PARAMETERS = ABOUT_THE_HALL | {"tables", "transition"}
"""Top-level fields that are no parameters: nobody varies them or names their source."""
NOT_IN_CONTENT = NOT_PARAMETERS | {"experiment"}
"""Top-level fields that a replication does not depend on by itself: it depends on the rows of the
tables, on each policy of a transition, on its number and on the seed of the run."""
NOT_SET = ABOUT_THE_HALL - {"title", "note"} | {"tables"}
"""Top-level fields that ``--set`` refuses."""
