"""From options to a Scope, with names that exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from promo_scheduler.errors import WrongUsage

if TYPE_CHECKING:
    from promo_scheduler.order import Scope
    from promo_scheduler.plan import StandingWindow
    from promo_scheduler.workspace import Workspace


def refuse_unknown(
    scope: Scope, workspace: Workspace, standing: Iterable[StandingWindow] = ()
) -> Scope:
    """The same scope. Raises WrongUsage where it names what is neither in the workspace nor stands.

    What stands counts too: a live campaign may be gone from the files, and must still be stopped.
    """
    keys = [window.window.key for window in standing]
    campaigns = workspace.campaigns
    phases = (phase.name for campaign in campaigns for phase in campaign.phases)
    _refuse("campaign", scope.campaign, [c.name for c in campaigns] + [k.campaign for k in keys])
    _refuse("phase", scope.phase, [*phases, *(key.phase for key in keys)])
    _refuse("region", scope.region, [*workspace.regions, *(key.region for key in keys)])
    _refuse("channel", scope.channel, [*workspace.channels, *(key.channel for key in keys)])
    return scope


def _refuse(what: str, name: str | None, known: Iterable[str]) -> None:
    names = sorted(set(known))
    if name is None or name in names:
        return
    from difflib import get_close_matches

    near = get_close_matches(name, names, n=1)
    way_out = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names) or 'none'}"
    raise WrongUsage(f'there is no {what} "{name}" in this workspace', help=way_out)


def refuse_unknown_zone(zone: str | None) -> None:
    """Raises WrongUsage for what is no IANA time zone."""
    from promo_scheduler.timing import zones

    if zone is None or zone in zones():
        return
    from difflib import get_close_matches

    by_place = {name.rpartition("/")[2].lower(): name for name in sorted(zones())}
    asked = zone.replace(" ", "_")
    near = get_close_matches(asked, zones(), n=1)
    near = near or [by_place[p] for p in get_close_matches(asked.lower(), by_place, n=1)]
    way_out = f"did you mean {near[0]}?" if near else 'write an IANA name, such as "Asia/Shanghai"'
    raise WrongUsage(f'there is no time zone "{zone}"', help=way_out)


def refuse_no_scope(scope: Scope, *, everything: bool) -> Scope:
    """The same scope. Raises WrongUsage where neither a scope nor --all is given, or both are."""
    if str(scope) == "all" and not everything:
        raise WrongUsage(
            "expected a scope, found none",
            help="name --campaign, --phase, --region, --channel or --sku, or say --all",
        )
    if str(scope) != "all" and everything:
        raise WrongUsage(
            f"expected either a scope or --all, found --all and {scope}", help="leave out one"
        )
    return scope
