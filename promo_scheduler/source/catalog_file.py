"""config/catalog.csv: what is sold, a line a product.

Columns: `sku`, then optionally `title`, `category`, `tags`, `collections`, `cost`, and one column a
currency for list prices (`EUR`, or `price_EUR`). Several tags or collections stand in one field,
with `;` or `|` between them; where a tags field has neither, spaces separate its tags.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from promo_scheduler.catalog import Catalog, Product
from promo_scheduler.errors import Problem
from promo_scheduler.source.complaint import hint, is_showable, shown
from promo_scheduler.source.nodes import START, Position, place_in
from promo_scheduler.source.reading import CATALOG_LIMIT, SourceFile, absent, file_in, read_text

_TEXTS = ("sku", "title", "category", "tags", "collections", "cost")
_CURRENCY = re.compile(r"(?:price_)?([A-Z]{3})")
_PRICE = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,6})?")
_SEPARATORS = re.compile(r"[;|]")
_LINE_BREAK = re.compile("\r\n|\r|\n")  # as csv counts lines
_MOST_PROBLEMS = 100


def read_catalog(root: Path) -> tuple[Catalog, list[Problem]]:
    """The catalogue, empty where there is none, and what is wrong in it."""
    file = file_in(root, "config", "catalog.csv", limit=CATALOG_LIMIT)
    if absent(file):
        return (), []
    text = read_text(file)
    return ((), [text]) if isinstance(text, Problem) else _Reading(file, text).all()


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    fields: list[str]


@dataclass(slots=True)
class _Reading:
    """One reading of the file: the products so far, and the complaints so far."""

    file: SourceFile
    text: str
    lines: tuple[str, ...] = ()
    products: dict[str, Product] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def all(self) -> tuple[Catalog, list[Problem]]:
        self.lines = tuple(_LINE_BREAK.split(self.text))
        rows = self._rows()
        header = next(rows, None)
        if header is None:
            self._complain("E024", "is empty", START, "the first line names the columns: sku,title")
            return (), self.problems
        columns = self._columns(header)
        if columns is None:
            return (), self.problems
        for row in rows:
            self._product(row, columns)
            if len(self.problems) >= _MOST_PROBLEMS:  # the rest of the file will be alike
                break
        return tuple(self.products.values()), self.problems

    def _rows(self) -> Iterator[_Row]:
        reader = csv.reader(io.StringIO(self.text, newline=""), strict=True)
        while True:
            line = reader.line_num + 1
            try:
                fields = next(reader, None)
            except csv.Error as error:
                self._complain("E068", f"not CSV: {error}", Position(line, 1))
                return
            if fields is None:
                return
            if any(each.strip() for each in fields):
                yield _Row(line, [each.strip() for each in fields])

    def _columns(self, header: _Row) -> list[str] | None:
        names = [_column(name) for name in header.fields]
        for index, (name, written) in enumerate(zip(names, header.fields, strict=True)):
            if name is None:
                way_out = hint(written, [*_TEXTS, "EUR"], "columns")
                self._complain(
                    "E010", f"unknown column {shown(written)}", self._at(header, index), way_out
                )
            elif name in names[:index]:
                self._complain("E017", f"{shown(written)} is given twice", self._at(header, index))
        if "sku" not in names:
            self._complain("E016", "the column `sku` is missing", Position(header.line, 1))
        return None if self.problems else [name or "" for name in names]

    def _product(self, row: _Row, columns: list[str]) -> None:
        if len(row.fields) != len(columns):
            message = f"expected {len(columns)} fields, found {len(row.fields)}"
            self._complain(
                "E068", message, Position(row.line, 1), "quote a field with a comma in it"
            )
            return
        if not is_showable("".join(row.fields)):
            self._complain("E036", "a character that cannot be shown", Position(row.line, 1))
            return
        before = len(self.problems)
        values = dict(zip(columns, row.fields, strict=True))
        amounts = {name: self._amount(row, i) for i, name in enumerate(columns) if _is_amount(name)}
        sku = values["sku"]
        if not sku:
            self._complain("E068", "the SKU is missing", Position(row.line, 1))
        elif sku in self.products:
            at = self._at(row, columns.index("sku"))
            self._complain("E069", f"the SKU {shown(sku)} is listed twice", at, "keep one line")
        if len(self.problems) == before:
            self.products[sku] = _made(values, amounts)

    def _amount(self, row: _Row, index: int) -> Decimal | None:
        text = row.fields[index]
        if not text:
            return None
        if _PRICE.fullmatch(text):
            return Decimal(text)
        way_out = "digits, with a point before the fraction, and no currency sign"
        self._complain(
            "E035", f"expected an amount, found {shown(text)}", self._at(row, index), way_out
        )
        return None

    def _at(self, row: _Row, index: int) -> Position:
        """Where a field begins, as far as the line shows it."""
        line = self.lines[row.line - 1]
        column = 0
        for each in row.fields[:index]:
            column = line.find(",", column + len(each)) + 1
        return Position(row.line, column + 1)

    def _complain(self, code: str, message: str, at: Position, help: str = "") -> None:
        place = place_in(self.file.name, self.lines, at)
        self.problems.append(Problem(code, message, place=place, help=help))


def _column(name: str) -> str | None:
    if name.lower() in _TEXTS:
        return name.lower()
    found = _CURRENCY.fullmatch(name)
    return found[1] if found else None


def _is_amount(column: str) -> bool:
    return column == "cost" or column not in _TEXTS


def _made(values: Mapping[str, str], amounts: Mapping[str, Decimal | None]) -> Product:
    tags = values.get("tags", "")
    separated = _SEPARATORS.split(tags) if _SEPARATORS.search(tags) else tags.split()
    return Product(
        sku=values["sku"],
        title=values.get("title", ""),
        category=values.get("category", ""),
        tags=_set(separated),
        collections=_set(_SEPARATORS.split(values.get("collections", ""))),
        cost=amounts.get("cost"),
        prices={
            name: amount
            for name, amount in amounts.items()
            if amount is not None and name != "cost"
        },
    )


def _set(parts: list[str]) -> frozenset[str]:
    return frozenset(part.strip() for part in parts if part.strip())
