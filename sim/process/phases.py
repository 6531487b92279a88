"""Networks that follow each other: policies that change on a date, unit by unit.

Applicants who have arrived stay on their route; staff change to their new work at the date.  The
network that is in force for a unit is the one that its policy alone would give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sim.process.network import Group, ProcessNetwork, Route, Session, Span

SpanOf = Callable[[int, str], Span | None]
"""When a variant is in force for a unit ("" for the whole hall); None if never."""


def phased(
    networks: Sequence[ProcessNetwork], span_of: SpanOf, unit_of: Callable[[str], str]
) -> ProcessNetwork:
    """Join networks of one hall, each in force at its time.

    Parameters
    ----------
    networks
        The variants, in the order in which they come into force.
    span_of
        When a variant is in force for a unit.
    unit_of
        The unit of an item.

    Returns
    -------
    ProcessNetwork
        Routes, groups and sessions of all variants, each with the period in which it is in force.

    Raises
    ------
    ValueError
        If the variants differ in what cannot change on a date: calendars, rhythm, end of the
        simulation, closing, overtime, discipline, or the calendar or unit of a session.
    """
    first = networks[0]
    for other in networks[1:]:
        for name in ("calendars", "rhythm", "end_s", "closing", "overtime_max_s", "discipline"):
            if getattr(other, name) != getattr(first, name):
                raise ValueError(f"{name} cannot change on a date")
    routes: dict[str, list[Route]] = {}
    groups: dict[str, list[Group]] = {}
    for variant, network in enumerate(networks):
        for route in network.routes:
            span = span_of(variant, unit_of(route.item))
            if span is not None:
                _add_route(routes.setdefault(route.item, []), route, span, variant)
        for group in network.groups:
            span = span_of(variant, group.unit)
            if span is not None:
                _add_group(groups.setdefault(group.name, []), group, span)
    return replace(
        first,
        routes=tuple(route for versions in routes.values() for route in versions),
        groups=_still_able(tuple(group for versions in groups.values() for group in versions)),
        sessions=_sessions(networks, span_of),
    )


def at(network: ProcessNetwork, time_s: int) -> ProcessNetwork:
    """Return the part of a network that is in force at a time.

    Parameters
    ----------
    network
        A network whose policies may change on dates.
    time_s
        Seconds since the start.

    Returns
    -------
    ProcessNetwork
        The same object if nothing of the network changes.
    """
    routes = tuple(route for route in network.routes if _holds(route.in_force, time_s))
    groups = tuple(group for group in network.groups if _holds(group.in_force, time_s))
    sessions = {
        name: replace(session, attendance=session.attendance_at(time_s), later=())
        if session.later
        else session
        for name, session in network.sessions.items()
    }
    whole = len(routes) == len(network.routes) and len(groups) == len(network.groups)
    if whole and sessions == network.sessions:
        return network
    return replace(network, routes=routes, groups=groups, sessions=sessions)


def changes_s(network: ProcessNetwork) -> list[int]:
    """Return the times at which a network changes, the beginning first.

    Parameters
    ----------
    network
        A network whose policies may change on dates.

    Returns
    -------
    list of int
        Seconds since the start, ascending, from 0.
    """
    routes = {route.in_force[0] for route in network.routes}
    groups = {group.in_force[0] for group in network.groups}
    attendance = {since_s for session in network.sessions.values() for since_s, _ in session.later}
    return sorted({0} | routes | groups | attendance)


def _holds(span: Span, time_s: int) -> bool:
    return span[0] <= time_s < span[1]


def _add_route(versions: list[Route], route: Route, span: Span, variant: int) -> None:
    """Add a version of a route, or extend the last one if it is the same."""
    if versions and versions[-1].in_force[1] == span[0]:
        last = versions[-1]
        same = replace(route, in_force=last.in_force, variant=last.variant)
        if same == last:
            versions[-1] = replace(last, in_force=(last.in_force[0], span[1]))
            return
    versions.append(replace(route, in_force=span, variant=variant))


def _add_group(versions: list[Group], group: Group, span: Span) -> None:
    """Add a version of a group, or extend the last one if it is the same."""
    if versions and versions[-1].in_force[1] == span[0]:
        last = versions[-1]
        if replace(group, name=last.name, in_force=last.in_force) == last:
            versions[-1] = replace(last, in_force=(last.in_force[0], span[1]))
            return
    name = group.name if not versions else f"{group.name} ({len(versions) + 1})"
    versions.append(replace(group, name=name, in_force=span))


def _still_able(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Let people finish what only they can do: they keep a skill that no later group has."""
    last_s = {
        skill: max(group.in_force[1] for group in groups if skill in group.skills)
        for skill in {skill for group in groups for skill in group.skills}
    }
    end_s = max(last_s.values())
    kept: list[Group] = []
    for group in groups:
        kept.append(group)
        orphans = tuple(skill for skill in group.skills if last_s[skill] < end_s)
        if orphans and group.in_force[1] < end_s:
            span = (group.in_force[1], end_s)
            name = f"{group.name} (what is left)"
            kept.append(replace(group, name=name, skills=orphans, in_force=span))
    return tuple(kept)


def _attended(versions: Sequence[Session], span_of: SpanOf) -> Session:
    """Join the attendances of one person, each in the time of its variant for the unit."""
    spans = [span_of(variant, session.unit) for variant, session in enumerate(versions)]
    changes = sorted(
        (span[0], session.attendance)
        for session, span in zip(versions, spans, strict=True)
        if span is not None
    )
    return replace(versions[0], attendance=changes[0][1], later=tuple(changes[1:]))


def _sessions(networks: Sequence[ProcessNetwork], span_of: SpanOf) -> dict[str, Session]:
    """Join the sessions by name; those that are the same in every variant stay as they are."""
    spans = [span_of(variant, "") for variant in range(len(networks))]
    joined: dict[str, Session] = {}
    for network in networks:
        for name, session in network.sessions.items():
            first = joined.setdefault(name, session)
            same_calendar = first.calendar == session.calendar and first.unit == session.unit
            if first != session and not same_calendar:
                raise ValueError(f"the half-days of {name} cannot change on a date")
    for name, first in list(joined.items()):
        versions = [network.sessions.get(name, Session(name)) for network in networks]
        if any(version != first for version in versions):
            attended = bool(first.calendar)
            joined[name] = _attended(versions, span_of) if attended else _held(versions, spans)
    return joined


def _held(versions: Sequence[Session], spans: Sequence[Span | None]) -> Session:
    """Join the fixed moments of a session, each in the time of its variant."""
    times = [
        time
        for session, span in zip(versions, spans, strict=True)
        if span is not None
        for time in session.times_s
        if span[0] <= time < span[1]
    ]
    return Session(versions[0].name, tuple(sorted(times)))
