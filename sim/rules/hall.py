"""The hall under a policy: which items are in, who may decide, and where people work."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from math import sqrt
from typing import Concatenate, ParamSpec

from sim.process.blocks import Block, Draw, Seconds, Uniform, WorkingDays
from sim.rules.staffing import Staff
from sim.scenario.catalogue import Authority, Department, Item, JointMode
from sim.scenario.schema import Duration, Settings

HALL = "hall"
"""Name of the hall as a place of visits."""

Asked = ParamSpec("Asked")


@dataclass(frozen=True)
class Hall:
    """The facts from which the rules build a route.

    Parameters
    ----------
    settings
        Parameters and policy.
    departments
        Units by id.
    entered, one_sitting
        Ids of the items that are in the hall, and of those that can be decided in one sitting.
    authority
        What the window may decide, by id of each item entered.
    staff
        People by group.
    """

    settings: Settings
    departments: Mapping[str, Department]
    entered: frozenset[str]
    one_sitting: frozenset[str]
    authority: Mapping[str, Authority]
    staff: Staff
    pieces: dict[Hashable, Block] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    """Blocks that shared rules have built, by rule and arguments."""

    def has_entered(self, item: Item) -> bool:
        """Say whether the item is handled in the hall.

        Parameters
        ----------
        item
            Any item of the catalogue.

        Returns
        -------
        bool
            False = at its home department.
        """
        return item.id in self.entered

    def in_one_sitting(self, item: Item) -> bool:
        """Say whether the item can be decided while the applicant sits there.

        Parameters
        ----------
        item
            Any item of the catalogue.

        Returns
        -------
        bool
            Whether the item has entered makes no difference.
        """
        return item.id in self.one_sitting

    def place(self, item: Item) -> str:
        """Return where the item's applicants go: the hall or the home department.

        Parameters
        ----------
        item
            Any item of the catalogue.

        Returns
        -------
        str
            `HALL`, or the place of its department (`home`).
        """
        return HALL if self.has_entered(item) else home(item.department)

    def level(self, item: Item) -> Authority:
        """Return the authority in effect: full authority without a qualified person counts as none.

        What the counter decides needs nobody else, which is full authority.

        Parameters
        ----------
        item
            An item that has entered, or that the counter decides.

        Returns
        -------
        Authority
            ``none``, ``partial`` or ``full``.
        """
        if self.at_counter(item):
            return "full"
        surveyed = self.authority[item.id]
        if surveyed == "full" and item.department not in self.staff.qualified_units:
            return "none"
        return surveyed

    def joint_mode(self, item: Item) -> JointMode:
        """Return who carries a joint approval; only the hall can carry for an applicant.

        Parameters
        ----------
        item
            Any item of the catalogue.

        Returns
        -------
        JointMode
            ``none`` for an item without joint approval, else ``applicant``, ``serial`` or
            ``parallel``.
        """
        if item.joint == "none":
            return "none"
        if not self.has_entered(item):
            return "applicant"
        wanted = self.settings.policy.joint_mode
        return item.joint if wanted == "surveyed" else wanted

    def prints(self, item: Item) -> bool:
        """Say whether the item's certificate is printed in the hall.

        Parameters
        ----------
        item
            Any item of the catalogue, with a certificate or not.

        Returns
        -------
        bool
            By policy for all items, else as surveyed for its department.
        """
        at_window = self.settings.policy.certificates == "window"
        return at_window or self.departments[item.department].certificate_at_window

    def sections(self, item: Item) -> int:
        """Return the sections a file passes in the home department.

        Parameters
        ----------
        item
            Any item of the catalogue.

        Returns
        -------
        int
            As surveyed, but at most `policy.sections_max`.
        """
        most = self.settings.policy.sections_max
        return item.sections if most is None else min(item.sections, most)

    def signatures(self, item: Item) -> int:
        """Return the signatures a file needs in the home department.

        Parameters
        ----------
        item
            Any item of the catalogue.

        Returns
        -------
        int
            As surveyed, but at most `policy.signatures_max`.
        """
        most = self.settings.policy.signatures_max
        return item.signatures if most is None else min(item.signatures, most)

    def at_counter(self, item: Item) -> bool:
        """Say whether the counter that accepts an item decides it: nobody else has a part.

        Parameters
        ----------
        item
            Any item of the catalogue.

        Returns
        -------
        bool
            True without section, signature, joint approval, inspection and higher level.
        """
        alone = item.joint == "none" and item.inspection == "none" and not item.report_up
        return alone and not self.sections(item) and not self.signatures(item)

    def decides_at_once(self, item: Item) -> bool:
        """Say whether a window with full authority can decide the item in the visit.

        Parameters
        ----------
        item
            An item of full authority.

        Returns
        -------
        bool
            True for items in one sitting, and for those of the counter whose document is made here.
        """
        return self.in_one_sitting(item) or (self.at_counter(item) and not item.made_outside)

    def promised_wd(self, item: Item) -> float:
        """Return the limit, with the extension where there is one.

        Parameters
        ----------
        item
            Any item of the catalogue.

        Returns
        -------
        float
            Working days.
        """
        wd = item.promised_wd * self.settings.policy.limit_factor
        return wd + self.settings.registration.extension_wd

    @property
    def leader_attendance(self) -> float:
        """The share of half-days on which a leader is in the office."""
        reformed = self.settings.policy.leader_attendance
        return self.settings.offices.leader_attendance if reformed is None else reformed

    def work(
        self, purpose: str, length: Duration, occurrence: int = 0, *, share: float = 1.0
    ) -> Draw:
        """Return the time that work takes people who give it a share of their day.

        Parameters
        ----------
        purpose
            Purpose of the draw (`sim.chance.purposes`).
        length
            Minutes of work at standard speed.
        occurrence
            Which time this is drawn for an applicant, from 0.
        share
            Share of the day that the people have for this work, above 0, at most 1; it divides
            their speed.

        Returns
        -------
        Draw
            A time in seconds, at the speed of the policy.
        """
        mean_s = length.mean * 60 / self.settings.policy.work_speed / share
        return Draw(purpose, Seconds(mean_s, length.cv, length.family), occurrence)


def shared(
    rule: Callable[Concatenate[Hall, Asked], Block],
) -> Callable[Concatenate[Hall, Asked], Block]:
    """Keep the block that a rule builds, so that it is built once for each hall and arguments.

    Routes then hold the same block, and code that reads many routes reads it once.

    Parameters
    ----------
    rule
        Rule that builds a block of the hall and hashable arguments.

    Returns
    -------
    callable
        The rule, which returns the same object for equal arguments.
    """

    @wraps(rule)
    def once(hall: Hall, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Block:
        key = (rule, args, tuple(kwargs.items()))
        if key not in hall.pieces:
            hall.pieces[key] = rule(hall, *args, **kwargs)
        return hall.pieces[key]

    return once


def home(unit: str) -> str:
    """Return the place that visits to a home department count for.

    Parameters
    ----------
    unit
        Id of the department.

    Returns
    -------
    str
        Name of the place.
    """
    return f"home:{unit}"


def days(purpose: str, wd: Duration, occurrence: int = 0, *, factor: float = 1.0) -> Draw:
    """Return a time given in working days.

    Parameters
    ----------
    purpose
        Purpose of the draw (`sim.chance.purposes`).
    wd
        Working days.
    occurrence
        Which time this is drawn for an applicant, from 0.
    factor
        Factor on the mean.

    Returns
    -------
    Draw
        A time in working days.
    """
    return Draw(purpose, WorkingDays(wd.mean * factor, wd.cv, wd.family), occurrence)


def minutes(purpose: str, length: Duration, occurrence: int = 0) -> Draw:
    """Return a time given in minutes that is nobody's work.

    Parameters
    ----------
    purpose
        Purpose of the draw (`sim.chance.purposes`).
    length
        Minutes.
    occurrence
        Which time this is drawn for an applicant, from 0.

    Returns
    -------
    Draw
        A time in seconds.
    """
    return Draw(purpose, Seconds(length.mean * 60, length.cv, length.family), occurrence)


def fixed_days(wd: float) -> Draw:
    """Return a time that is the same for everybody.

    Parameters
    ----------
    wd
        Working days.

    Returns
    -------
    Draw
        A time in working days that does not vary.
    """
    return Draw("fixed", WorkingDays(wd))


def fixed_minutes(minutes: float) -> Draw:
    """Return a time that is the same for everybody.

    Parameters
    ----------
    minutes
        Minutes.

    Returns
    -------
    Draw
        A time in seconds that does not vary.
    """
    return Draw("fixed", Seconds(minutes * 60))


def chance(purpose: str, occurrence: int = 0) -> Draw:
    """Return the uniform number behind a yes or no.

    Parameters
    ----------
    purpose
        Purpose of the draw (`sim.chance.purposes`).
    occurrence
        Which time this is drawn for an applicant, from 0.

    Returns
    -------
    Draw
        A uniform number in (0, 1).
    """
    return Draw(purpose, Uniform(), occurrence)


def together(*lengths: Duration) -> Duration:
    """Return the time of several tasks that are done one after the other in one go.

    Mean and standard deviation are those of the sum of independent tasks; the shape is that
    of the longest.

    Parameters
    ----------
    *lengths
        Times of the tasks, all in one unit; at least one.

    Returns
    -------
    Duration
        In the same unit.
    """
    mean = sum(length.mean for length in lengths)
    variance = sum((length.mean * length.cv) ** 2 for length in lengths if length.family != "fixed")
    longest = max(lengths, key=lambda length: length.mean)
    if len(lengths) == 1 or not mean:
        return longest
    return Duration(mean=mean, cv=sqrt(variance) / mean, family=longest.family)
