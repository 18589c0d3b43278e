"""`promo explain CODE`: what every code means, gathered from the rooms that use them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from rich.console import Group, RenderableType
from rich.text import Text

from promo_scheduler.views.grid import Grid, Line


def every_code() -> Mapping[str, str]:
    """Every code with its explanation."""
    from promo_scheduler.views.explanations import SOURCE_CODES
    from promo_scheduler.views.planning_codes import PLANNING_CODES
    from promo_scheduler.views.runtime_codes import RUNTIME_CODES

    return {**SOURCE_CODES, **PLANNING_CODES, **RUNTIME_CODES}


def near(code: str) -> list[str]:
    """Codes that look like this one."""
    return get_close_matches(code, every_code(), n=3, cutoff=0.6)


def explanation_text(code: str, text: str) -> RenderableType:
    """An explanation: its first line beside the code, the rest below."""
    first, _, rest = text.partition("\n")
    kind = "warning" if code.startswith("W") else "error"
    title = Text.assemble((f"{kind} {code}  ", "bold"), first)
    flowing = "\n\n".join(" ".join(part.split()) for part in rest.strip().split("\n\n"))
    paragraphs = [Line(Text(part), indent=2) for part in flowing.split("\n")]
    return Group(title, Text(), Grid(paragraphs))
