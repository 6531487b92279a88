"""Working time in the compiled engine: the methods of `Calendar` on packed calendars."""

from __future__ import annotations

from sim.engine.net import HALL, WORKING, Net
from sim.native import inner
from sim.process.clock import WD_TICKS, WHOLE_DAY_S


@inner
def interval_at(net: Net, calendar: int, time: int) -> int:
    """Return the last interval that opens at or before a time, counted from 0; -1 if none.

    Parameters
    ----------
    net
        Arrays of the network.
    calendar
        Number of the calendar.
    time
        Seconds since the start.

    Returns
    -------
    int
        Number of the interval within its calendar.
    """
    record = net.calendars[calendar]
    first = record["interval"]
    last = record["intervals"] - 1
    midnight = min(time // WHOLE_DAY_S, record["marks"] - 1)
    index = net.marks[record["mark"] + midnight]["interval"]
    while index < last and net.intervals[first + index + 1]["opening"] <= time:
        index += 1
    return int(index)


@inner
def elapsed(net: Net, calendar: int, time: int) -> int:
    """Return the open seconds before `time`.

    Parameters
    ----------
    net
        Arrays of the network.
    calendar
        Number of the calendar.
    time
        Seconds since the start.

    Returns
    -------
    int
        Open seconds from the start to `time`.
    """
    index = interval_at(net, calendar, time)
    if index < 0:
        return 0
    interval = net.intervals[net.calendars[calendar]["interval"] + index]
    return int(interval["before"] + min(time, interval["closing"]) - interval["opening"])


@inner
def add(net: Net, calendar: int, time: int, seconds: int) -> int:
    """Return the earliest time by which `seconds` open seconds have passed.

    Parameters
    ----------
    net
        Arrays of the network.
    calendar
        Number of the calendar.
    time
        Seconds since the start.
    seconds
        Open seconds that pass; after the last close every second counts as open.

    Returns
    -------
    int
        Seconds since the start; `time` itself if `seconds` is not positive.
    """
    if seconds <= 0:
        return time
    record = net.calendars[calendar]
    first, intervals = record["interval"], record["intervals"]
    index = max(0, interval_at(net, calendar, time))
    target = elapsed(net, calendar, time) + seconds
    while index < intervals and net.intervals[first + index + 1]["before"] < target:
        index += 1
    interval = net.intervals[first + index]
    if index == intervals:
        return int(max(time, interval["closing"]) + target - interval["before"])
    return int(interval["opening"] + target - interval["before"])


@inner
def tick(net: Net, time: int) -> int:
    """Return the ticks of working days before `time`.

    Parameters
    ----------
    net
        Arrays of the network.
    time
        Seconds since the start.

    Returns
    -------
    int
        Ticks since the start, 86,400 to a working day, rounded down.
    """
    calendar = net.facts[WORKING]
    index = interval_at(net, calendar, time)
    if index < 0:
        return 0
    interval = net.intervals[net.calendars[calendar]["interval"] + index]
    passed = interval["of_day"] + min(time, interval["closing"]) - interval["opening"]
    return int(interval["day_tick"] + WD_TICKS * passed // interval["day_s"])


@inner
def add_ticks(net: Net, time: int, ticks: int) -> int:
    """Return the first second at which `ticks` ticks of working days have passed.

    Parameters
    ----------
    net
        Arrays of the network.
    time
        Seconds since the start.
    ticks
        Ticks that pass; after the last close one passes every second.

    Returns
    -------
    int
        Seconds since the start; `time` itself if `ticks` is not positive.
    """
    if ticks <= 0:
        return time
    record = net.calendars[net.facts[WORKING]]
    first, intervals, days = record["interval"], record["intervals"], record["days"]
    target = tick(net, time) + ticks
    number = (target - 1) // WD_TICKS
    if number >= days:
        past = target - WD_TICKS * days
        return int(max(time, net.intervals[first + intervals]["closing"]) + past)
    day = net.days[record["day"] + number]
    passed = -(-(target - WD_TICKS * number) * day["day_s"] // WD_TICKS)
    index = first + day["interval"]
    interval = net.intervals[index]
    while interval["of_day"] + interval["closing"] - interval["opening"] < passed:
        index += 1
        interval = net.intervals[index]
    return int(interval["opening"] + passed - interval["of_day"])


@inner
def day_close_from(net: Net, calendar: int, time: int) -> int:
    """Return the close of the first day that closes at or after `time`.

    Parameters
    ----------
    net
        Arrays of the network.
    calendar
        Number of the calendar.
    time
        Seconds since the start.

    Returns
    -------
    int
        Seconds since the start; `time` itself if no day closes any more.
    """
    record = net.calendars[calendar]
    first, days = record["day"], record["days"]
    midnight = min(time // WHOLE_DAY_S, record["marks"] - 1)
    index = net.marks[record["mark"] + midnight]["closing_day"]
    while index < days and net.days[first + index]["closing"] < time:
        index += 1
    return int(net.days[first + index]["closing"]) if index < days else time


@inner
def next_day_open(net: Net, calendar: int, time: int) -> int:
    """Return the opening of the first open day after the date of `time`.

    Parameters
    ----------
    net
        Arrays of the network.
    calendar
        Number of the calendar.
    time
        Seconds since the start.

    Returns
    -------
    int
        Seconds since the start; the next midnight if no day opens any more.
    """
    record = net.calendars[calendar]
    first, days = record["day"], record["days"]
    midnight = (time // WHOLE_DAY_S + 1) * WHOLE_DAY_S
    mark = min(midnight // WHOLE_DAY_S, record["marks"] - 1)
    index = net.marks[record["mark"] + mark]["opening_day"]
    while index < days and net.days[first + index]["opening"] < midnight:
        index += 1
    return int(net.days[first + index]["opening"]) if index < days else midnight


@inner
def due(net: Net, start: int, limit_ticks: int) -> int:
    """Return the close of the day on which a limit that starts at `start` is used up.

    Parameters
    ----------
    net
        Arrays of the network.
    start
        When the limit starts, seconds since the start.
    limit_ticks
        Length of the limit in ticks of working days.

    Returns
    -------
    int
        Due date, seconds since the start.
    """
    return day_close_from(net, net.facts[WORKING], add_ticks(net, start, limit_ticks))


@inner
def hall_day(net: Net, time: int) -> int:
    """Return the first day of the hall whose last call is after a time.

    Parameters
    ----------
    net
        Arrays of the network.
    time
        Seconds since the start.

    Returns
    -------
    int
        Number of the day, from 0; the number of days if nobody is called any more.
    """
    record = net.calendars[net.facts[HALL]]
    first, days = record["day"], record["days"]
    midnight = min(time // WHOLE_DAY_S, record["marks"] - 1)
    index = net.marks[record["mark"] + midnight]["closing_day"]
    while index < days and net.days[first + index]["late_s"] <= time:
        index += 1
    return int(index)
