"""Authorization 授权: who decides, and the route of a file until it is decided."""

from __future__ import annotations

from collections.abc import Iterable

from sim.process.blocks import (
    Alongside,
    Block,
    Chance,
    Choice,
    Condition,
    Delay,
    Draw,
    ExpectedWaitWithin,
    Mark,
    Present,
    Seconds,
    Serve,
    Suspend,
    Within,
    sequence,
)
from sim.rules.collection import at_once, collection
from sim.rules.hall import Hall, chance, days, shared
from sim.rules.joint_approval import opinions
from sim.rules.offices import (
    OUT,
    DepartmentStage,
    blocked,
    by_file,
    case_hazard,
    come,
    courier,
    in_person,
)
from sim.rules.staffing import approve_skill, decide_skill, desk_skill, window_skill
from sim.rules.tickets import TicketStep, patience
from sim.scenario.catalogue import Authority, Item
from sim.scenario.schema import Duration, Policy

CASE_CLOCK = "promised limit"
CLOCK_STOPPED = "clock stopped for supplements"


def authorities(
    items: Iterable[Item], entered: frozenset[str], policy: Policy
) -> dict[str, Authority]:
    """Return what the window may decide for each entered item.

    `policy.authorization` gives full authority to that share of the delegable entered items,
    by authority rank; without it the surveyed ones keep it.  `policy.authorization_otherwise`
    rules the rest: as surveyed (those that were full fall to partial), none, or partial.

    Parameters
    ----------
    items
        The catalogue.
    entered
        Ids of the items in the hall.
    policy
        Its `authorization` and `authorization_otherwise`.

    Returns
    -------
    dict
        Authority by id, for entered items only.
    """
    inside = [item for item in items if item.id in entered]
    delegable = sorted(
        (item for item in inside if item.delegable), key=lambda item: item.authority_rank
    )
    if policy.authorization is None:
        full = {item.id for item in delegable if item.authority == "full"}
    else:
        number = int(policy.authorization * len(delegable) + 0.5)
        full = {item.id for item in delegable[:number]}
    return {item.id: _authority(item, full, policy) for item in inside}


def one_sitting_items(items: Iterable[Item], share: float | None) -> frozenset[str]:
    """Return the items that can be decided in one sitting: as surveyed, or so many of them.

    A share counts all items and takes the simplest first, in the order in which authority is
    given (`authority_rank`), of those that need nobody but the department.

    Parameters
    ----------
    items
        The catalogue.
    share
        Share of all items, 0 to 1; None = as surveyed.

    Returns
    -------
    frozenset of str
        Ids of the items.
    """
    items = tuple(items)
    if share is None:
        return frozenset(item.id for item in items if item.one_sitting)
    alone = (
        item
        for item in items
        if not item.report_up and item.joint == "none" and item.inspection == "none"
    )
    simplest = sorted(alone, key=lambda item: item.authority_rank)
    return frozenset(item.id for item in simplest[: int(share * len(items) + 0.5)])


def _authority(item: Item, full: set[str], policy: Policy) -> Authority:
    if item.id in full:
        return "full"
    surveyed: Authority = "partial" if item.authority == "full" else item.authority
    if not item.delegable or policy.authorization_otherwise == "surveyed":
        return surveyed
    return policy.authorization_otherwise


def decision(item: Item, hall: Hall) -> Block:
    """Decide within the promised limit: at the window, window and leader, or home department.

    Parameters
    ----------
    item
        The item applied for.
    hall
        The hall under its policy.

    Returns
    -------
    Block
        From acceptance to the decision, under the clock of the limit; where the document is handed
        over in the same visit, the case ends there.
    """
    if hall.at_counter(item):
        steps = _at_counter(item, hall)
    elif not hall.has_entered(item):
        steps = _at_home(item, hall)
    elif hall.level(item) == "full":
        steps = _full(item, hall)
    else:
        steps = sequence(_through_department(item, hall), _decided())
    return _asked_after(item, hall, _limited(item, hall, steps))


def goes_off_books(item: Item, hall: Hall) -> bool:
    """Say whether some of an item's cases are handled before they are registered.

    Parameters
    ----------
    item
        The item applied for.
    hall
        The hall under its policy.

    Returns
    -------
    bool
        True for entered items whose files the window sends to the home department, if the share of
        cases off the books is above 0.
    """
    if not hall.has_entered(item) or hall.at_counter(item) or hall.level(item) == "full":
        return False
    return hall.settings.registration.off_books_share > 0


def decision_off_books(item: Item, hall: Hall) -> Block:
    """Go through the department unregistered; register the case when it is ready to be decided.

    Parameters
    ----------
    item
        An item that `goes_off_books`.
    hall
        The hall under its policy.

    Returns
    -------
    Block
        From acceptance to the decision; only the decision is under the clock of the limit.
    """
    return sequence(
        _asked_after(item, hall, _through_department(item, hall)),
        Mark("received"),
        Mark("accepted"),
        _limited(item, hall, _decided()),
    )


def _limited(item: Item, hall: Hall, steps: Block) -> Block:
    return Within(
        hall.promised_wd(item),
        steps,
        activity=CASE_CLOCK,
        origin=f"authorization · items.{item.id}",
    )


def _asked_after(item: Item, hall: Hall, steps: Block) -> Block:
    """Let the applicant telephone now and then while a hall case is open."""
    settings = hall.settings.hall
    if not hall.has_entered(item) or not settings.status_enquiries_per_open_wd:
        return steps
    return Alongside(
        _enquiries(hall, item.department),
        steps,
        activity="status enquiries",
        origin="authorization · hall.status_enquiries_per_open_wd",
    )


@shared
def _enquiries(hall: Hall, unit: str) -> Block:
    settings = hall.settings
    gap = Duration(mean=1 / settings.hall.status_enquiries_per_open_wd, cv=1, family="exponential")
    calls: list[Block] = []
    for number in range(settings.hall.status_enquiries_max):
        calls += [
            Delay(
                activity="until the applicant asks",
                phase="applicant",
                duration=days("enquiry", gap, number),
                calendar=None,
                origin="authorization · hall.status_enquiries_per_open_wd",
            ),
            Serve(
                activity="answer a status enquiry",
                phase="service",
                wait_phase="hall_wait",
                skill=window_skill(unit),
                duration=hall.work("enquire_work", settings.service.enquire_min, number),
                origin="authorization · service.enquire_min",
            ),
        ]
    return sequence(*calls)


# Routes to the decision -------------------------------------------------------------------


def _at_counter(item: Item, hall: Hall) -> Block:
    """Decide on acceptance, or wait for a document that is made outside the county."""
    immediate = Mark("immediate") if hall.has_entered(item) else None
    if item.made_outside:
        made = Delay(
            activity="made outside the county",
            phase="higher_level",
            duration=days("made_outside", hall.settings.collection.made_outside_wd),
            calendar=None,
            handoffs=1,
            origin="authorization · collection.made_outside_wd",
        )
        return sequence(made, _decided())
    if hall.has_entered(item) and item.certificate and not hall.prints(item):
        return sequence(immediate, _decided())
    return sequence(immediate, _decided(), at_once(item, hall))


def _full(item: Item, hall: Hall) -> Block:
    """Decide in the hall: at once if the applicant can wait for it, else at the back desk."""
    back_desk = sequence(_inspection(item, hall), opinions(item, hall), _back_desk(item, hall))
    hindrances = _hindrances(item, hall)
    if item.inspection != "none" or item.joint != "none" or item.report_up:
        return sequence(_hindered(hindrances), back_desk, _higher_level(item, hall), _decided())
    back_desk = sequence(back_desk, _decided())
    branches: list[tuple[Condition | None, Block]] = [
        # One hindrance may follow the other, so the later ones are drawn again.
        (condition, sequence(stop, _hindered(hindrances[index + 1 :]), back_desk))
        for index, (condition, stop) in enumerate(hindrances)
    ]
    branches.append((_can_wait(item, hall), _decided_while_waiting(item, hall)))
    branches.append((None, back_desk))
    return Choice(
        tuple(branches), "can the applicant wait for it?", "authorization · policy.authorization"
    )


def _through_department(item: Item, hall: Hall) -> Block:
    """Forward by courier; partial authority leaves one signature to the department."""
    service = hall.settings.service
    if hall.level(item) == "partial":
        review, purpose = "review at the window", "review_work"
        minutes = _with_review(item, hall, service.review_min)
        passage = DepartmentStage(item.department, 0, min(1, hall.signatures(item)))
    else:
        review, purpose, minutes = "forward", "forward_work", service.forward_min
        passage = DepartmentStage(item.department, hall.sections(item), hall.signatures(item))
    at_window = Serve(
        activity=review,
        phase="work",
        wait_phase="inbox",
        skill=desk_skill(item.department),
        duration=hall.work(purpose, minutes),
        origin=f"authorization · items.{item.id}",
    )
    department: Block = sequence(courier(hall, OUT), by_file(hall, passage))
    if hall.settings.policy.silent_consent == "departments":
        department = Within(
            hall.settings.offices.reply_limit_wd,
            department,
            expires=True,
            activity="silence counts as agreeing",
            origin="authorization · offices.reply_limit_wd",
        )
    return sequence(
        at_window,
        _hindered(_hindrances(item, hall)),
        _inspection(item, hall),
        opinions(item, hall),
        department,
        _higher_level(item, hall),
    )


def _at_home(item: Item, hall: Hall) -> Block:
    """Carry the file through the home department; after each stop the applicant comes again."""
    back = come(hall, item.department, "authorization · policy.entry")
    passage = DepartmentStage(item.department, hall.sections(item), hall.signatures(item))
    inspection, higher = _inspection(item, hall), _higher_level(item, hall)
    return sequence(
        _hindered([(when, sequence(stop, back)) for when, stop in _hindrances(item, hall)]),
        inspection,
        back if inspection else None,
        opinions(item, hall),
        in_person(hall, passage),
        higher,
        back if higher else None,
        _decided(),
        at_once(item, hall),
    )


# Parts of these routes --------------------------------------------------------------------


def _decided() -> Block:
    return Mark("decided")


def _can_wait(item: Item, hall: Hall) -> Condition:
    skill = decide_skill(item.department)
    if hall.in_one_sitting(item):
        return Present(skill)
    own = _decide_work(item, hall)
    mean_s = own.distribution.mean_s if isinstance(own.distribution, Seconds) else 0.0
    limit_s = hall.settings.collection.wait_in_hall_min * 60
    return ExpectedWaitWithin(approve_skill(item.department), mean_s, limit_s, own)


def _decide_work(item: Item, hall: Hall) -> Draw:
    """Return the work of deciding, with the window's part of the sections' review."""
    return hall.work("decide_work", _with_review(item, hall, hall.settings.service.decide_min))


def _with_review(item: Item, hall: Hall, own: Duration) -> Duration:
    """Return work at the window with its part of the sections' review added to the mean."""
    review_min = hall.sections(item) * hall.settings.offices.section_work_min.mean
    kept_min = hall.settings.service.review_share * review_min
    return Duration(mean=own.mean + kept_min, cv=own.cv, family=own.family)


def _decided_while_waiting(item: Item, hall: Hall) -> Block:
    """Decide while the applicant waits; at the back desk if the applicant leaves before."""
    decide = Serve(
        activity="decide while the applicant waits",
        phase="service",
        wait_phase="hall_wait",
        skill=decide_skill(item.department),
        duration=_decide_work(item, hall),
        patience=patience(hall, TicketStep.DECISION),
        on_left=sequence(_back_desk(item, hall), _decided(), collection(item, hall)),
        origin="authorization · service.decide_min",
    )
    if item.certificate and not hall.prints(item):
        return sequence(decide, Mark("immediate"), _decided())
    return sequence(decide, Mark("immediate"), _decided(), at_once(item, hall))


def _back_desk(item: Item, hall: Hall) -> Block:
    return Serve(
        activity="decide at the back desk",
        phase="work",
        wait_phase="inbox",
        skill=approve_skill(item.department),
        duration=_decide_work(item, hall),
        origin="authorization · service.decide_min",
    )


Hindrances = list[tuple[Chance, Block]]


def _hindrances(item: Item, hall: Hall) -> Hindrances:
    """Return what may stop a case that is not one-sitting, wherever it is decided."""
    hindrances: Hindrances = []
    if hall.in_one_sitting(item):
        return hindrances
    hazard = case_hazard(hall, item.department)
    if hazard > 0:
        hindrances.append((Chance(chance("stuck_case"), hazard), blocked(hall, "case")))
    suspension = hall.settings.suspension
    if suspension.share > 0:
        stop = Suspend(
            Delay(
                activity=CLOCK_STOPPED,
                phase="inspection",
                duration=days("suspension", suspension.duration_wd),
                calendar=None,
                origin="authorization · suspension.duration_wd",
            )
        )
        hindrances.append((Chance(chance("suspended"), suspension.share), stop))
    return hindrances


def _hindered(hindrances: Hindrances) -> Block | None:
    if not hindrances:
        return None
    return sequence(
        *(
            Choice(((condition, stop),), "hindered?", "authorization · stuck, suspension")
            for condition, stop in hindrances
        )
    )


def _inspection(item: Item, hall: Hall) -> Block | None:
    if item.inspection == "none":
        return None
    suspension = hall.settings.suspension
    wd = {
        "site_visit": suspension.site_visit_wd,
        "expert_review": suspension.expert_review_wd,
        "hearing": suspension.hearing_wd,
    }[item.inspection]
    return Suspend(
        Delay(
            activity=item.inspection.replace("_", " "),
            phase="inspection",
            duration=days("inspection", wd),
            calendar=None,
            origin=f"authorization · suspension.{item.inspection}_wd",
        )
    )


def _higher_level(item: Item, hall: Hall) -> Block | None:
    if not item.report_up:
        return None
    return Suspend(
        Delay(
            activity="with the higher level",
            phase="higher_level",
            duration=days("higher_level", hall.settings.higher_level.delay_wd),
            calendar=None,
            handoffs=1,
            origin="authorization · higher_level.delay_wd",
        )
    )
