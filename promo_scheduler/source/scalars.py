"""Scalars: what a single text of a campaign or config file may mean, and what it may not.

Each type is made for pydantic: it reads the source text, and says the JSON Schema that an editor
sees. A complaint is a PydanticCustomError whose type is one of our codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from promo_scheduler.source.complaint import did_you_mean, hint, is_showable, shown
from promo_scheduler.source.nodes import Text

T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a file may use: the context of a validation. None: nobody can tell."""

    regions: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    dates: frozenset[str] | None = None


def complain(code: str, message: str, help: str = "") -> PydanticCustomError:
    """A complaint that pydantic carries to its place."""
    return PydanticCustomError(code, "{message}", {"message": message, "help": help})


def as_text(value: object, expected: str) -> Text:
    """The text of a scalar. Raises the complaint about lists, mappings and nothing."""
    if isinstance(value, Text):
        return value
    raise complain("E011", f"expected {expected}, found {shown(value)}")


@dataclass(frozen=True, slots=True, eq=False)  # by identity: `typing` needs a hash
class Reads:
    """An annotation for pydantic: the value is what `read` makes of one scalar's text."""

    expected: str
    read: Callable[[Text], object]
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        return dict(self.schema)

    def _validate(self, value: object) -> object:
        return self.read(as_text(value, self.expected))


# ── texts and names ─────────────────────────────────────────────────────────────────────────────
def _text(text: Text) -> str:
    if not is_showable(text):
        raise complain("E036", f"expected one line of text, found {shown(text)}")
    if len(text) > _LONGEST_TEXT:
        raise complain("E036", f"expected at most {_LONGEST_TEXT} characters, found {len(text)}")
    if not text.strip():
        raise complain("E036", "expected a text, found an empty one")
    return str(text)


def _name(text: Text) -> str:
    if _NAME.fullmatch(text):
        return str(text)
    raise complain(
        "E018",
        f"{shown(text)} is no usable name",
        "use up to 63 letters, digits, `-`, `_` and `.`, a letter or digit first and last",
    )


Line = Annotated[str, Reads("a text", _text)]
Code = Annotated[str, Reads("a text", _text, {"type": ["string", "number"]})]
Name = Annotated[str, Reads("a name", _name, {"type": "string", "pattern": f"^{_NAME.pattern}$"})]


def _listed(text: Text, known: frozenset[str] | None, code: str, kind: str) -> str:
    if known is None or text in known:
        return str(text)
    raise complain(code, f"unknown {kind} {shown(text)}", hint(text, known, f"known {kind}s"))


def known_in(info: ValidationInfo) -> Known:
    """The names in the context, which is a `shape.Checking`."""
    known = getattr(info.context, "known", None)
    return known if isinstance(known, Known) else Known()


def _region(value: object, info: ValidationInfo) -> str:
    return _listed(as_text(value, "a region"), known_in(info).regions, "E013", "region")


def _channel(value: object, info: ValidationInfo) -> str:
    return _listed(as_text(value, "a channel"), known_in(info).channels, "E014", "channel")


def _tag(value: object, info: ValidationInfo) -> str:
    return _listed(as_text(value, "a tag"), known_in(info).tags, "E015", "region tag")


_NAMED = WithJsonSchema({"type": "string"})
RegionName = Annotated[str, PlainValidator(_region), _NAMED]
ChannelName = Annotated[str, PlainValidator(_channel), _NAMED]
RegionTag = Annotated[str, PlainValidator(_tag), _NAMED]


def _zone(text: Text) -> str:
    from promo_scheduler.timing import zones

    if text in zones():
        return str(text)
    way_out = (
        did_you_mean(text, zones()) or "an IANA name, such as Europe/Berlin; see `promo zones`"
    )
    raise complain("E012", f"unknown time zone {shown(text)}", way_out)


ZoneName = Annotated[str, Reads("a time zone", _zone)]


def _currency(text: Text) -> str:
    if _CURRENCY.fullmatch(text):
        return str(text)
    upper = text.upper()
    way_out = f"did you mean {upper}?" if _CURRENCY.fullmatch(upper) else "three letters, as in EUR"
    raise complain("E052", f"expected a currency code, found {shown(text)}", way_out)


Currency = Annotated[
    str, Reads("a currency code", _currency, {"type": "string", "pattern": "^[A-Z]{3}$"})
]


# ── choices, flags and numbers ──────────────────────────────────────────────────────────────────
def choice(*words: str) -> Reads:
    """One of a few words."""

    def read(text: Text) -> str:
        if text in words:
            return str(text)
        expected = " or ".join(words) if len(words) < 4 else "one of the known words"
        way_out = hint(text, words, "known words")
        raise complain("E011", f"expected {expected}, found {shown(text)}", way_out)

    return Reads("a word", read, {"enum": sorted(words)})


def _flag(text: Text) -> bool:
    if text.plain and text in ("true", "false"):
        return text == "true"
    raise complain(
        "E037", f"expected true or false, found {shown(text)}", "no quotes, no yes or no"
    )


Flag = Annotated[bool, Reads("true or false", _flag, {"type": "boolean"})]


def whole(least: int, most: int) -> Reads:
    """A whole number within bounds, both included."""

    def read(text: Text) -> int:
        if text.plain and _WHOLE.fullmatch(text) and least <= int(text) <= most:
            return int(text)
        expected = f"expected a whole number from {least} to {most}, without quotes"
        raise complain("E035", f"{expected}, found {shown(text)}")

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Reads("a whole number", read, schema)


def decimal_of(text: str, expected: str) -> Decimal:
    """The number exactly as written. Raises the complaint about anything that is none."""
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    raise complain(
        "E035",
        f"expected {expected}, found {shown(text)}",
        "write the number alone, in digits, with a point before the fraction",
    )


def _percent(text: Text) -> Decimal:
    percent = decimal_of(text, "a percentage")
    if 0 < percent <= 100:
        return percent
    raise complain("E051", f"expected a percentage above 0 and up to 100, found {shown(text)}")


def _amount(text: Text) -> Decimal:
    amount = decimal_of(text, "an amount")
    if amount > 0:
        return amount
    raise complain("E035", f"expected an amount above 0, found {shown(text)}")


def _price(text: Text) -> Decimal:
    price = decimal_of(text, "a price")
    if price >= 0:
        return price
    raise complain("E035", f"expected a price of 0 or more, found {shown(text)}")


def _number(**bounds: int) -> dict[str, Any]:
    return {"type": ["number", "string"], **bounds}


Percent = Annotated[
    Decimal, Reads("a percentage", _percent, _number(exclusiveMinimum=0, maximum=100))
]
Amount = Annotated[Decimal, Reads("an amount", _amount, _number(exclusiveMinimum=0))]
Price = Annotated[Decimal, Reads("a price", _price, _number(minimum=0))]


def degrees(limit: int) -> Reads:
    """A latitude or longitude."""

    def read(text: Text) -> Decimal:
        value = decimal_of(text, "degrees")
        if abs(value) <= limit:
            return value
        raise complain("E035", f"expected degrees from -{limit} to {limit}, found {shown(text)}")

    return Reads("degrees", read, _number(minimum=-limit, maximum=limit))


# ── lists ───────────────────────────────────────────────────────────────────────────────────────
def _some(values: tuple[T, ...]) -> tuple[T, ...]:
    if not values:
        raise complain("E011", "expected at least one, found an empty list")
    twice = next((each for i, each in enumerate(values) if each in values[:i]), None)
    if twice is not None:
        raise complain("E011", f"{shown(str(twice))} is listed twice", "keep one of the two")
    return values


Some = AfterValidator(_some)  # at least one, none of them twice
