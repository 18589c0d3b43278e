"""Durations as people write them: `2h`, `1h30m`, `1d12h`, `2w`, or in ISO 8601 (T7)."""

from __future__ import annotations

import re
from datetime import timedelta

from promo_scheduler.when import Duration


def _numbers(units: str) -> str:
    return "".join(rf"(?:([0-9]{{1,9}}){unit})?" for unit in units)


_SHORT = re.compile(_numbers("wdhms"))
_ISO = re.compile(f"P{_numbers('WD')}(?:T(?=[0-9]){_numbers('HMS')})?")
_LONGEST_DAYS = 36_600  # a hundred years: what is longer is a slip, and would leave the calendar


def parse_duration(text: str) -> Duration:
    """Read a duration: weeks and days are counted on the wall clock, the rest is elapsed time.

    Raises ValueError, which says what was expected, for anything else; months and years have no
    fixed length and are not durations.
    """
    found = _ISO.fullmatch(text) or _SHORT.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(f'expected a duration like "2h", "1h30m", "1d" or "PT24H", found "{text}"')
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = weeks * 7 + days
    seconds += hours * 3600 + minutes * 60
    if total + seconds / 86_400 > _LONGEST_DAYS:
        raise ValueError(f'expected a duration of at most {_LONGEST_DAYS} days, found "{text}"')
    return Duration(total, timedelta(seconds=seconds))


def duration_text(duration: Duration) -> str:
    """The shortest text that `parse_duration` reads back as this duration."""
    minutes, seconds = divmod(int(duration.elapsed.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((duration.days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
