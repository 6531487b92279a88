"""Working time for the compiled engine: the arithmetic of `Calendar` on packed calendars."""

from __future__ import annotations

from sim.engine.net import OFFICE, Net
from sim.native import inner
from sim.process.clock import WHOLE_DAY_S


@inner
def _interval_at(net: Net, calendar: int, time: int) -> int:
    """Return the last interval that opens at or before a time, counted from 0; -1 if none."""
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
    """Return the open seconds before `time`."""
    index = _interval_at(net, calendar, time)
    if index < 0:
        return 0
    interval = net.intervals[net.calendars[calendar]["interval"] + index]
    return int(interval["before"] + min(time, interval["closing"]) - interval["opening"])


@inner
def add(net: Net, calendar: int, time: int, seconds: int) -> int:
    """Return the earliest time by which `seconds` open seconds have passed."""
    if seconds <= 0:
        return time
    record = net.calendars[calendar]
    first, intervals = record["interval"], record["intervals"]
    index = max(0, _interval_at(net, calendar, time))
    target = elapsed(net, calendar, time) + seconds
    while index < intervals and net.intervals[first + index + 1]["before"] < target:
        index += 1
    interval = net.intervals[first + index]
    if index == intervals:
        return int(max(time, interval["closing"]) + target - interval["before"])
    return int(interval["opening"] + target - interval["before"])


@inner
def day_close_from(net: Net, calendar: int, time: int) -> int:
    """Return the close of the first working day that closes at or after `time`."""
    record = net.calendars[calendar]
    first, days = record["day"], record["days"]
    midnight = min(time // WHOLE_DAY_S, record["marks"] - 1)
    index = net.marks[record["mark"] + midnight]["closing_day"]
    while index < days and net.days[first + index]["closing"] < time:
        index += 1
    return int(net.days[first + index]["closing"]) if index < days else time


@inner
def next_day_open(net: Net, calendar: int, time: int) -> int:
    """Return the opening of the first working day after the calendar day of `time`."""
    record = net.calendars[calendar]
    first, days = record["day"], record["days"]
    midnight = (time // WHOLE_DAY_S + 1) * WHOLE_DAY_S
    mark = min(midnight // WHOLE_DAY_S, record["marks"] - 1)
    index = net.marks[record["mark"] + mark]["opening_day"]
    while index < days and net.days[first + index]["opening"] < midnight:
        index += 1
    return int(net.days[first + index]["opening"]) if index < days else midnight


@inner
def due(net: Net, start: int, limit_s: int) -> int:
    """Return when a limit of office time that starts at `start` runs out: that day's close."""
    office = int(net.facts[OFFICE])
    return day_close_from(net, office, add(net, office, start, limit_s))
