"""Apply: write a proposal into the ledger, and the saved plan that binds what was reviewed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from promo_scheduler.errors import PlanRefused, StalePlan, WrongUsage
from promo_scheduler.operations.applied import forget_others, keep
from promo_scheduler.operations.opening import actor
from promo_scheduler.operations.proposing import FLAGS, Proposal
from promo_scheduler.order import Scope

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger


def apply(
    ledger: Ledger, proposal: Proposal, now: datetime, flags: frozenset[str] = frozenset()
) -> int:
    """Write the proposal in one transaction; the ledger's new serial. `now` is a UTC instant.

    Raises PlanRefused where a change needs a flag, StalePlan where the ledger has moved on.
    """
    refuse_unless_allowed(proposal, flags)
    return write(ledger, proposal, now)


def write(ledger: Ledger, proposal: Proposal, now: datetime) -> int:
    """Write the changes, and keep the configuration that they are made for; the new serial."""
    keep(proposal.workspace)
    serial = ledger.apply(proposal.application(now, actor()))
    forget_others(proposal.workspace)
    return serial


def refuse_unless_allowed(proposal: Proposal, flags: frozenset[str]) -> None:
    """Raises PlanRefused where a change needs a flag that was not given, or where a changed
    configuration would strand what is live.
    """
    proposal.refuse_to_strand()
    refused = proposal.not_allowed(flags)
    if refused:
        wanted = sorted({FLAGS[change.policy] for change in refused})
        first = refused[0]
        raise PlanRefused(
            f"{len(refused)} change{'s' * (len(refused) != 1)} must be allowed by name, "
            f"the first: {first.policy} {first.key}",
            help=f"look at the plan; if it is meant, repeat with {' '.join(wanted)}",
        )


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What `plan --out` writes: what was reviewed, and what it is bound to."""

    version: int
    digest: str
    ledger: str
    serial: int
    revision: str | None
    tzdata: str
    calendars: dict[str, str]
    config: str
    scope: dict[str, str | None]
    flags: list[str]

    @classmethod
    def of(cls, proposal: Proposal, flags: frozenset[str]) -> SavedPlan:
        """The binding of a proposal, with the flags it was reviewed under."""
        return cls(
            version=1,
            digest=proposal.digest,
            ledger=proposal.ledger_id,
            serial=proposal.serial,
            revision=proposal.plan.revision,
            tzdata=proposal.plan.tzdata,
            calendars=dict(proposal.plan.versions.calendars),
            config=proposal.config_digest,
            scope=asdict(proposal.scope),
            flags=sorted(flags),
        )

    @property
    def text(self) -> str:
        """It as JSON."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def read(cls, path: Path) -> SavedPlan:
        """Read a file of `text`. Raises WrongUsage for any other file."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise WrongUsage(
                f"expected a plan saved by `promo plan --out`, found {path}: {error}",
                help="make it anew with `promo plan --out FILE`",
            ) from error

    @property
    def within(self) -> Scope:
        """The scope that was planned."""
        return Scope(**self.scope)

    def refuse_if_stale(self, proposal: Proposal) -> None:
        """Raises StalePlan where what would be done now is not what was reviewed."""
        again = SavedPlan.of(proposal, frozenset(self.flags))
        names = ("ledger", "serial", "revision", "tzdata", "calendars", "config", "digest")
        moved = [name for name in names if getattr(self, name) != getattr(again, name)]
        if moved:
            name = moved[0]
            raise StalePlan(
                f"the saved plan was made for {name} {getattr(self, name)}, "
                f"found {getattr(again, name)}",
                help="make and review it again with `promo plan --out FILE`",
            )
