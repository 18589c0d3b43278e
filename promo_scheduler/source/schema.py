"""The schema of a campaign file: used to check it, and to write the JSON Schema editors read.

What goes beyond one value (an end and a length at once, a currency too few) is in `phase_rules`
and `campaign_rules`: there it can name the very key that is wrong.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from promo_scheduler.source.hours import Elapsed, SomeElapsed
from promo_scheduler.source.nodes import Text
from promo_scheduler.source.scalars import (
    Amount,
    ChannelName,
    Code,
    Currency,
    Flag,
    Line,
    Name,
    Percent,
    Price,
    Reads,
    RegionName,
    RegionTag,
    Some,
    choice,
    complain,
    whole,
)
from promo_scheduler.source.shape import LIST, MAPPING, SCALAR, Strict, as_list, scalar_or_mapping
from promo_scheduler.source.when_schema import When, WhenPart
from promo_scheduler.when import OnHoliday


# ── offer ───────────────────────────────────────────────────────────────────────────────────────
def _several(what: str) -> Any:
    return Field(default=(), description=f"Products by {what}: one, or a list.")


Codes = Annotated[
    tuple[Code, ...],
    Some,
    BeforeValidator(as_list, json_schema_input_type=Code | list[Code]),
]


class Parts(Strict):
    """Products by what they are; every part adds to the others."""

    tag: Codes = _several("tag")
    tags: Codes = _several("tag")
    collection: Codes = _several("collection")
    collections: Codes = _several("collection")
    category: Codes = _several("category")
    categories: Codes = _several("category")
    sku: Codes = _several("stock keeping unit")
    skus: Codes = _several("stock keeping unit")


def _true(text: Text) -> bool:
    if text.plain and text == "true":
        return True
    raise complain("E011", "expected true", "leave `all` out to select by tag, category or SKU")


class Products(Parts):
    """Which products are meant."""

    all: Annotated[bool, Reads("true", _true, {"const": True})] = Field(
        default=False, description="`true`: every product."
    )
    except_: Parts | None = Field(
        None, alias="except", description="Products that are not meant, whatever names them."
    )


def _everything(text: Text) -> str:
    if text == "all":
        return str(text)
    raise complain("E011", f'expected `all` or a mapping, found "{text[:60]}"', "{tag: winter}")


Selected = Annotated[
    Annotated[Annotated[str, Reads("all", _everything, {"const": "all"})], Tag(SCALAR)]
    | Annotated[Products, Tag(MAPPING)],
    Discriminator(scalar_or_mapping),
]
Label = Annotated[
    Annotated[Line, Tag(SCALAR)] | Annotated[dict[Name, Line], Tag(MAPPING)],
    Discriminator(scalar_or_mapping),
]


class OfferPart(Strict):
    """What is taken off, on which products."""

    percent: Percent | None = Field(None, description="The share taken off, up to 100.")
    amount: dict[Currency, Amount] | None = Field(
        None, description="The sum taken off each unit, by currency: {EUR: 5, USD: 6}."
    )
    price: dict[Currency, Price] | None = Field(
        None, description="The price in place of the list price, by currency."
    )
    products: Selected | None = Field(
        None, description="Which products: `all`, or by tag, collection, category, skus; `except`."
    )
    label: Label | None = Field(None, description="What buyers read: a text, or one by language.")


class Offer(OfferPart):
    """What is taken off, on which products."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["products"],
            "oneOf": [{"required": [value]} for value in ("percent", "amount", "price")],
        }
    )


# ── campaign ────────────────────────────────────────────────────────────────────────────────────
class Phase(Strict):
    """A part of the campaign. Of two that overlap, the later one in the file applies."""

    when: When = Field(description="Its dates and hours.")
    offer: Offer = Field(description="What is taken off, on which products.")


class PhasePart(Strict):
    """What is different in a phase."""

    when: WhenPart | None = Field(None, description="The dates and hours that differ.")
    offer: OfferPart | None = Field(None, description="What differs in the offer.")


class ChannelOverride(Strict):
    """What is different in a region (on one channel)."""

    phases: dict[Name, PhasePart] = Field(
        default_factory=dict, description="The phases that differ; only what differs is given."
    )
    skip: Annotated[tuple[Name, ...], Some] = Field(
        (), description="Phases that do not take place."
    )
    cancelled: Line | None = Field(
        None, description="Why the campaign is off: ends what is live, plans nothing new."
    )


class Override(ChannelOverride):
    """What is different in a region."""

    channels: dict[ChannelName, ChannelOverride] = Field(
        default_factory=dict, description="What is different again on one channel."
    )


class Tagged(Strict):
    """The regions that carry a tag."""

    tagged: RegionTag = Field(description="A tag of regions.")


class Late(Strict):
    """How late a start may be."""

    start_within: SomeElapsed | None = Field(
        None, description="At most this long after the planned start. Default: while it lasts."
    )
    min_remaining: Elapsed | None = Field(
        None, description="Only if at least this much of the window is left."
    )


def _mapping_or_list(value: object) -> str:
    return MAPPING if isinstance(value, dict) else LIST


Regions = Annotated[
    Annotated[Annotated[tuple[RegionName, ...], Some], Tag(LIST)] | Annotated[Tagged, Tag(MAPPING)],
    Discriminator(_mapping_or_list),
]


def _some_phases(phases: dict[str, Phase]) -> dict[str, Phase]:
    if not phases:
        raise complain("E011", "expected at least one phase, found an empty mapping")
    return phases


class CampaignFile(Strict):
    """A campaign: one file, written once for all regions."""

    campaign: Name = Field(description="Its name. It stays the same for good.")
    title: Line | None = Field(None, description="What people read. Default: the name.")
    owner: Line | None = Field(None, description="Who answers for it.")
    regions: Regions = Field(description="Regions by name, or {tagged: core}.")
    channels: Annotated[tuple[ChannelName, ...], Some] | None = Field(
        None, description="Channels by name. Default: every channel that serves the region."
    )
    phases: Annotated[dict[Name, Phase], AfterValidator(_some_phases)] = Field(
        description="Its phases by name. Of two that overlap, the later one applies."
    )
    overrides: dict[RegionName, Override] = Field(
        default_factory=dict, description="What is different, by region."
    )
    priority: Annotated[int, whole(-1_000_000, 1_000_000)] = Field(
        0, description="Where two campaigns mean one product, the higher one applies."
    )
    stack: Flag = Field(
        default=False,
        description="`true`: adds to other offers that say so too, where a channel can.",
    )
    late: Late | None = Field(None, description="How late a start may be.")
    on_holiday: Annotated[str, choice(*OnHoliday)] | None = Field(
        None,
        description="What becomes of a window whose date is a public holiday of its region. "
        "Default: it is kept, and said. A window on a named date, or over several days, is always "
        "kept; those of `each` and `rrule` are not. `clock: instant` takes no part.",
    )
