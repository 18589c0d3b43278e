"""`promo zones`: what the clocks of every region show now, and when they change next."""

from __future__ import annotations

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Format, RegionName, Where


def zones(
    context: typer.Context, region: RegionName = None, where: Where = None, output: Format = None
) -> None:
    """Show every region's clocks, and when they change next."""
    from promo_scheduler.cli.door import present
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.cli.scoping import refuse_unknown
    from promo_scheduler.order import Scope
    from promo_scheduler.record import instant
    from promo_scheduler.timing import tzdata_version
    from promo_scheduler.views.as_data import document
    from promo_scheduler.views.clocks import clock_data, clock_grid, clocks_of

    door = door_of(context, where, output)
    workspace = door.workspace()
    refuse_unknown(Scope(region=region), workspace)
    wanted = [r for r in workspace.regions.values() if region in (None, r.name)]
    now = present()
    found = clocks_of(wanted, now)
    if door.is_json:
        told = [clock_data(clock) for clock in found]
        show_json(document(tzdata=tzdata_version(), at=instant(now), zones=told))
    else:
        show(clock_grid(found, now))
