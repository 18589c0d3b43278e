"""An orders CSV, read as a stream: when each order was placed, and in which region or country.

The first line names the columns: `placed_at_utc`, an instant with `Z` or an offset, and `region` or
`country` (ISO 3166 alpha-2); `region` counts where both are there. Other columns are not looked at.
Rows are counted and forgotten, so the length of the file does not matter.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from promo_scheduler.errors import Place, Problem, UnusableOrders
from promo_scheduler.source.complaint import did_you_mean, is_showable, shown
from promo_scheduler.timing.order_days import EPOCH, QUARTERS, UtcDays

Column = Literal["region", "country"]
INSTANT = "placed_at_utc"
REGION: Final = "region"
COUNTRY: Final = "country"
FIRST_YEAR, LAST_YEAR = 1990, 2100  # what lies outside is a placeholder or a slip
PLACES = 5  # of bad rows that are named
WORST_SHARE = 0.01  # of bad rows that is put up with
NAMES, LONGEST_NAME, OTHERS = 1000, 40, "…"  # unknown places that are told apart, and the rest
TELL_EVERY = 10_000  # rows
_QUARTER = timedelta(minutes=15)
_SAME = {"UK": "GB", "EL": "GR"}  # what the United Kingdom and Greece are often called instead


@dataclass(frozen=True, slots=True)
class Orders:
    """What an orders file holds: by region or country, the orders in each quarter of UTC.

    `bad` are the first few of the `bad_rows`; `unknown` counts the rows of places nobody asked for.
    """

    column: Column
    by_place: Mapping[str, UtcDays]
    rows: int
    bad_rows: int
    bad: tuple[Problem, ...]
    unknown: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Places:
    """The regions and countries whose orders are asked for."""

    regions: frozenset[str]
    countries: frozenset[str]


def country_code(text: str) -> str:
    """A country as it is compared: in capitals, and by its code of ISO 3166."""
    code = text.strip().upper()
    return _SAME.get(code, code)


def read_orders(path: Path, places: Places, tell: Callable[[int], None]) -> Orders:
    """Count a file's orders. `tell` is told now and then how many bytes have been read.

    Raises UnusableOrders where it cannot be read, lacks the columns or rows, or where more than
    1 % of the rows are bad.
    """
    try:
        # A character that is not UTF-8 matters only in our columns, and there it is a bad row.
        with (
            path.open("rb") as file,
            io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="") as text,
        ):
            return _Reading(text, path.name, places, lambda: tell(file.tell())).orders()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise UnusableOrders([Problem("E310", message, help="name a CSV file")]) from error


@dataclass(slots=True)
class _Reading:
    """One reading of the file: what was counted so far."""

    text: io.TextIOWrapper
    name: str
    places: Places
    tell: Callable[[], None]
    by_place: dict[str, dict[int, array[int]]] = field(default_factory=dict)
    as_written: dict[str, dict[int, array[int]]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    bad_rows: int = 0
    bad: list[Problem] = field(default_factory=list)

    def orders(self) -> Orders:
        rows = self._each()
        _, header = next(rows, (1, []))
        columns = self._columns([name.strip().lower() for name in header])
        for line, row in rows:
            self._count(line, row, columns)
            if not self.rows % TELL_EVERY:
                self.tell()
        self._refuse_what_is_too_bad()
        bad = tuple(replace(each, code="W311", severity="warn") for each in self.bad)
        return Orders(
            columns.kind, self.by_place, self.rows, self.bad_rows, bad, dict(self.unknown)
        )

    def _each(self) -> Iterator[tuple[int, list[str]]]:
        """Every row that is not empty, with the line that it begins on."""
        reader = csv.reader(self.text, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:  # a quote that is never closed swallows many lines
                self._reject(line, f"is not CSV: {error}", max(reader.line_num + 1 - line, 1))
                continue
            if row:
                yield line, row

    def _columns(self, header: Sequence[str]) -> _Columns:
        kind: Column = REGION if REGION in header else COUNTRY
        missing = [name for name in (INSTANT, kind) if name not in header]
        if missing:
            if not all(map(is_showable, header)):
                way_out = "save it as CSV in UTF-8"
                raise UnusableOrders([self._problem("E310", "is not UTF-8 text", 1, way_out)])
            wanted = f"{INSTANT}, and {REGION} or {COUNTRY}"
            guess = did_you_mean(missing[0], header)
            found = ", ".join(map(shown, header[:8])) or "nothing"
            message = f"expected the columns {wanted}, found {found}"
            way_out = guess.replace("did you mean", "rename") or "the first line names the columns"
            raise UnusableOrders([self._problem("E310", message, 1, way_out)])
        names = self.places.regions if kind == REGION else self.places.countries
        self.by_place = {name: {} for name in names}
        return _Columns(kind, header.index(INSTANT), header.index(kind))

    def _count(self, line: int, row: list[str], columns: _Columns) -> None:
        try:
            at = datetime.fromisoformat(row[columns.instant].strip())
            place = row[columns.place].strip()
        except IndexError:
            return self._reject(line, "has too few fields")
        except ValueError:
            return self._reject(line, _no_instant(row[columns.instant]))
        if at.tzinfo is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
            return self._reject(line, _no_instant(row[columns.instant]))
        if not place:
            return self._reject(line, f"names no {columns.kind}")
        self.rows += 1
        days = self.as_written.get(place) or self._days(place, columns.kind)
        if days is None:
            return None
        day, quarter = divmod((at - EPOCH) // _QUARTER, QUARTERS)
        if day not in days:
            days[day] = array("I", [0] * QUARTERS)
        days[day][quarter] += 1
        return None

    def _days(self, place: str, kind: Column) -> dict[int, array[int]] | None:
        """Where a place's orders are counted; None, and a note of it, where nobody asked for it."""
        days = self.by_place.get(place if kind == REGION else country_code(place))
        if days is None:
            known = place in self.unknown or len(self.unknown) < NAMES
            self.unknown[place[:LONGEST_NAME] if known else OTHERS] += 1
        else:
            self.as_written[place] = days
        return days

    def _reject(self, line: int, why: str, rows: int = 1) -> None:
        self.rows += rows
        self.bad_rows += rows
        if len(self.bad) < PLACES:
            way_out = 'write instants like "2026-11-11T20:30:00Z"' if INSTANT in why else ""
            self.bad.append(self._problem("E311", why, line, way_out))

    def _refuse_what_is_too_bad(self) -> None:
        if not self.rows:
            problem = self._problem("E310", "holds no orders", 1, "a line for each order follows")
            raise UnusableOrders([problem])
        if self.bad_rows > WORST_SHARE * self.rows:
            counted = f"{self.bad_rows:,} of {self.rows:,} rows of {self.name}"
            way_out = "the first ones are named; correct the export"
            message = f"{counted} cannot be used, more than 1 %"
            raise UnusableOrders([*self.bad, Problem("E311", message, help=way_out)])

    def _problem(self, code: str, message: str, line: int, help: str) -> Problem:
        return Problem(code, message, place=Place(self.name, line, 1), help=help)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where in a row the instant and the place stand, and which kind of place it is."""

    kind: Column
    instant: int
    place: int


def _no_instant(text: str) -> str:
    return f"{INSTANT}: expected an instant with Z or an offset, found {shown(text)}"
