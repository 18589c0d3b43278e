"""Shape: a part of a document against its pydantic model; every complaint, in our own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator

from promo_scheduler.source.complaint import Complaint, did_you_mean, shown
from promo_scheduler.source.nodes import TAG, Node, Text, as_data, real_steps
from promo_scheduler.source.scalars import Known

M = TypeVar("M", bound=BaseModel)

# What the design names and this version does not do. Ignoring it would promise what is not kept.
_NOT_BUILT = frozenset(
    [
        "approval",
        "notify",
        "compare_at",
        "prices",
        "guards",
    ]
)
_SECRETS = frozenset({"E064", "E065"})  # complaints about lines that may hold one
_SHAPES = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}


@dataclass(frozen=True, slots=True)
class Checking:
    """The context of one validation. `keys` remembers which keys each mapping may have."""

    known: Known = field(default_factory=Known)
    keys: dict[int, tuple[str, ...]] = field(default_factory=dict)


class Strict(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    example: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def remember_keys(cls, data: object, info: ValidationInfo) -> object:
        """Note the keys that belong here, for a hint about one that does not."""
        names = (f.alias or name for name, f in cls.model_fields.items())
        cast("Checking", info.context).keys[id(data)] = tuple(names)
        return data


def check(model: type[M], node: Node, known: Known) -> tuple[M | None, list[Complaint]]:
    """The node as the model, or None and everything that is wrong with it."""
    data, context = as_data(node), Checking(known)
    try:
        return model.model_validate(data, context=context), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        return None, [_complaint(cast("dict[str, Any]", each), data, context) for each in found]


def _complaint(error: dict[str, Any], data: object, context: Checking) -> Complaint:
    kind, path, extra = error["type"], error["loc"], error.get("ctx", {})
    if kind.startswith("E"):
        return Complaint(kind, extra["message"], path, extra["help"], secret=kind in _SECRETS)
    if kind == "extra_forbidden":
        return _unknown(path, context.keys.get(id(_parent(data, path)), ()))
    if kind == "missing":
        return Complaint("E016", f"`{path[-1]}` is missing", path[:-1], f"add `{path[-1]}:`")
    found = shown(error["input"])
    if kind == "union_tag_invalid":
        allowed = [words for tag, words in _TAGGED if f"{tag[1:]}'" in extra["expected_tags"]]
        return Complaint("E011", f"expected {' or '.join(allowed)}, found {found}", path)
    if kind in _SHAPES:
        return Complaint("E011", f"expected {_SHAPES[kind]}, found {found}", path)
    return Complaint("E011", f"{error['msg']}, found {found}", path)


def _unknown(path: tuple[str | int, ...], keys: Sequence[str]) -> Complaint:
    key = str(path[-1])
    if key in _NOT_BUILT:
        way_out = "remove it; it has no effect yet, and ignoring it would be worse"
        return Complaint("E070", f"`{key}` is known, not built yet", path, way_out, at_key=True)
    way_out = did_you_mean(key, keys) or f"known keys: {', '.join(keys)}"
    return Complaint("E010", f"unknown key {shown(key)}", path, way_out, at_key=True)


def _parent(data: object, path: tuple[str | int, ...]) -> object:
    for step in real_steps(path[:-1]):
        data = cast("Any", data)[step]
    return data


def kind_of(value: object) -> str:
    """Which shape a value has, as a step of a path that stands in no file."""
    if isinstance(value, dict):
        return TAG + "mapping"
    return TAG + ("list" if isinstance(value, list) else "scalar")


MAPPING, LIST, SCALAR = (TAG + each for each in ("mapping", "list", "scalar"))
_TAGGED = ((SCALAR, "a single value"), (LIST, "a list"), (MAPPING, "a mapping"))


def as_list(value: object) -> object:
    """A single value where a list may stand: a list of it."""
    return [value] if isinstance(value, Text) else value


def scalar_or_mapping(value: object) -> str:
    """Which of the two shapes a value has, for pydantic to choose by."""
    return SCALAR if isinstance(value, Text) else MAPPING
