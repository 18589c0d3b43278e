"""The files of `promo preview`: the world timeline as a picture and a page, and a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promo_scheduler.views.world.scene import World


@dataclass(frozen=True, slots=True)
class Files:
    """Which files were asked for."""

    svg: Path | None = None
    html: Path | None = None
    ics: Path | None = None


def write_files(world: World, files: Files) -> None:
    """Write what was asked for. Raises NotWritten."""
    from promo_scheduler.cli.saving import save

    if files.svg:
        from promo_scheduler.views.world.svg import world_svg

        save(files.svg, world_svg(world))
    if files.html:
        from promo_scheduler.views.world.page import world_page

        save(files.html, world_page(world))
    if files.ics:
        save(files.ics, _calendar(world))


def _calendar(world: World) -> bytes:
    from promo_scheduler.views.icalendar_file import CalendarRequest, calendar_file
    from promo_scheduler.views.world.bars import telling_of
    from promo_scheduler.views.world.svg import title_of

    request = CalendarRequest(world.plan.windows, telling_of(world), world.now, title_of(world))
    return calendar_file(request)
