"""The checks of `promo doctor`: each looks at one thing, and says the way out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from promo_scheduler.cli.door import Door, existing_ledger, present
from promo_scheduler.errors import InvalidWorkspace, LedgerUnavailable, PromoError
from promo_scheduler.views.checks import Checked

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger
    from promo_scheduler.workspace import Workspace

MOVES = (
    "`promo tz diff` shows what moves, `promo tz apply` applies it; so does the daemon, unless "
    "new_zone_data is ask"
)
DAYS_AHEAD = 400  # of clock changes that are compared with the system's zone data


_REINSTALL = "install promo anew, in an environment of its own"


def examine(door: Door) -> list[Checked]:
    """Every check that can be made; what needs the workspace is left out where it does not load."""
    checks = [_python()]
    try:
        workspace = door.workspace()
    except InvalidWorkspace as error:
        return [*checks, Checked("workspace", "fail", error.message, "`promo validate` shows each")]
    except PromoError as error:
        return [*checks, _failed("workspace", error)]
    return [
        *checks,
        *_zone_data(workspace),
        _workspace(workspace),
        _git(workspace),
        *_connectors(workspace),
        *_secrets(workspace),
        *_ledger(workspace),
    ]


def _failed(name: str, error: PromoError) -> Checked:
    return Checked(name, "fail", error.message, error.help)


def _python() -> Checked:
    found = sys.version.partition(" ")[0]
    return Checked("python", "ok", found)


def _zone_data(workspace: Workspace) -> Iterator[Checked]:
    from promo_scheduler.timing.changes import system_differences, system_version
    from promo_scheduler.views.words import Dates

    names = {zone for region in workspace.regions.values() for zone in region.zones}
    now = present()
    yield _only_the_package(names, now)
    differences = system_differences(names, now, DAYS_AHEAD)
    system = system_version() or "of an unknown version, or none"
    also = "" if differences else f"; the same in this workspace's zones for {DAYS_AHEAD} days"
    yield Checked("zone data", "ok", f"beside it, unused: the system's, {system}{also}")
    for found in differences:
        day = Dates(now.year).day(found.at)
        what = "does not know it" if found.system is None else f"reads another hour from {day} on"
        yield Checked(
            "zone data",
            "warn",
            f"{found.zone}: this system {what}",
            "promo is not affected; cron, databases and other programs here are: update the "
            "system's tzdata",
        )


def _only_the_package(zones: set[str], now: datetime) -> Checked:
    """Whether what is resolved with is the package's data, and nothing is looked for elsewhere."""
    from promo_scheduler.timing import versions
    from promo_scheduler.timing.changes import system_differences
    from promo_scheduler.timing.walltime import search_path
    from promo_scheduler.timing.zonedata import package_folder

    folder = package_folder()
    others = system_differences(zones, now, DAYS_AHEAD, root=folder)
    if path := search_path():
        return Checked("zone data", "fail", f"looked for in {', '.join(path)} too", _REINSTALL)
    if others:
        return Checked("zone data", "fail", f"{others[0].zone} is not as in {folder}", _REINSTALL)
    return Checked("zone data", "ok", f"{versions()}; read from {folder} alone")


def _workspace(workspace: Workspace) -> Checked:
    from promo_scheduler.views.words import count

    said = (
        f"{workspace.root}: {count(len(workspace.campaigns), 'campaign')}, "
        f"{count(len(workspace.regions), 'region')}, {count(len(workspace.channels), 'channel')}"
    )
    if workspace.warnings:
        warned = f", {count(len(workspace.warnings), 'warning')}"
        return Checked("workspace", "warn", said + warned, "`promo validate` shows each")
    return Checked("workspace", "ok", said)


def _git(workspace: Workspace) -> Checked:
    if workspace.revision is None:
        return Checked(
            "git",
            "warn",
            "the workspace is not in git: nobody can tell who changed what",
            "git init",
        )
    if workspace.revision.endswith("-dirty"):
        return Checked(
            "git",
            "warn",
            f"at {workspace.revision[:12]}, with changes that are not committed",
            "commit them: the daemon reads committed files only",
        )
    return Checked("git", "ok", f"at {workspace.revision[:12]}")


def _connectors(workspace: Workspace) -> Iterator[Checked]:
    from promo_scheduler.channels import connector_class

    for name in sorted({channel.connector for channel in workspace.channels.values()}):
        try:
            found = connector_class(name)
        except PromoError as error:
            yield _failed("connector", error)
        else:
            yield Checked("connector", "ok", f"{name} ({found.__module__})")


def _secrets(workspace: Workspace) -> Iterator[Checked]:
    """Whether every reference has something behind it; what is there is thrown away."""
    from promo_scheduler.source import resolve

    wanted = {f"channel {c.name}": c.settings for c in workspace.channels.values()}
    settings = workspace.settings
    wanted["settings"] = {"ledger": settings.ledger, "audit_key": settings.audit_key}
    for name, references in wanted.items():
        count = sum("${" in text for text in references.values())
        try:
            resolve(references, workspace.root)
        except PromoError as error:
            yield Checked("secrets", "fail", f"{name}: {error.message}", error.help)
        else:
            if count:
                yield Checked("secrets", "ok", f"{name}: {count} found")


def _ledger(workspace: Workspace) -> Iterator[Checked]:
    try:
        with existing_ledger(workspace) as ledger:
            yield _stamp(ledger)
            yield _resolved_with(ledger)
            yield _clock(ledger)
    except LedgerUnavailable as error:
        yield Checked("ledger", "warn", error.message, error.help)
    except PromoError as error:
        yield _failed("ledger", error)


def _stamp(ledger: Ledger) -> Checked:
    stamp = ledger.stamp()
    kind = "SIMULATED, " if stamp.simulated else ""
    head = f"audit head {stamp.head.seq}:{stamp.head.seal[:12]}"
    return Checked("ledger", "ok", f"{kind}{stamp.id[:8]}, serial {stamp.serial}, {head}")


def _resolved_with(ledger: Ledger) -> Checked:
    """Whether what stands was resolved with the versions at hand."""
    from promo_scheduler.operations import is_outdated
    from promo_scheduler.timing import versions

    stands_on = ledger.stamp().versions
    if is_outdated(ledger):
        changed = f"since the last apply: {', '.join(stands_on.changed(versions()))}"
        return Checked("ledger", "warn", changed, MOVES)
    return Checked("ledger", "ok", f"resolved with {str(stands_on) or 'nothing yet'}")


def _clock(ledger: Ledger) -> Checked:
    """The machine's clock must not lie behind what is already on record."""
    now, stamp = present(), ledger.stamp()
    last = _last_entry(ledger, stamp.head.seq)
    if stamp.simulated or last is None or last <= now + timedelta(seconds=1):
        return Checked("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")
    return Checked(
        "clock",
        "fail",
        f"{now:%Y-%m-%d %H:%M:%S} UTC, but the audit has an entry of {last:%Y-%m-%d %H:%M:%S}",
        "set the clock of this machine, and keep it by NTP",
    )


def _last_entry(ledger: Ledger, seq: int) -> datetime | None:
    return next((entry.at for entry in ledger.audit(max(seq - 1, 0))), None)
