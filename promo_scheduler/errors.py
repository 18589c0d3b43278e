"""Every error of ours, drawn as a tree, and `Problem`: what is wrong, where, and the way out.

    PromoError
    ├── WorkspaceError
    │   ├── WorkspaceNotFound      E001
    │   ├── InvalidWorkspace       E002   carries every Problem found
    │   ├── MissingSecret          E003
    │   ├── UnknownConnector       E431
    │   └── BrokenConnector        E432
    ├── PlanError
    │   ├── NaiveDatetime          E101
    │   ├── UnknownKey             E102
    │   ├── StalePlan              E103
    │   └── PlanRefused            E104   needs a flag or has errors
    ├── LedgerError
    │   ├── LedgerUnavailable      E201   also LedgerAbsent: there is none yet
    │   ├── LedgerInUse            E202
    │   ├── LedgerMismatch         E203   simulated against real, newer schema, other key
    │   ├── AuditBroken            E204
    │   └── LedgerNotEmpty         E205
    ├── OperationError
    │   ├── WrongUsage             E301   exit code 2
    │   ├── DemoFailed             E302
    │   ├── PartlyDone             E303   exit code 4
    │   ├── NotWritten             E304
    │   └── EngineMissing          E305
    └── ChannelError               E4nn   the closed tree of channel_errors.py

Codes below E100 belong to reading a workspace, W codes are findings that only warn. What each code
means at length is `promo explain CODE`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Severity = Literal["error", "warn", "info"]


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file of the workspace; line and column count from 1."""

    file: str
    line: int
    column: int
    source: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint: code, what was expected and found, its place, and the way out (`help`)."""

    code: str
    message: str
    severity: Severity = "error"
    place: Place | None = None
    path: str = ""
    help: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        path = f"{self.path}: " if self.path else ""
        return f"{where}{self.severity}[{self.code}] {path}{self.message}"


class PromoError(Exception):
    """The root of every error that this product raises on purpose."""

    code: ClassVar[str] = "E000"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class WorkspaceError(PromoError):
    """The workspace cannot be used."""


class WorkspaceNotFound(WorkspaceError):
    """No folder with config/settings.yaml was found here or above."""

    code = "E001"
    exit_code = 2


class InvalidWorkspace(WorkspaceError):
    """The workspace does not load; `problems` holds every complaint, not only the first."""

    code = "E002"

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = sum(1 for problem in problems if problem.severity == "error")
        super().__init__(f"{count} error{'s' * (count != 1)} in the workspace")
        self.problems = tuple(problems)


class MissingSecret(WorkspaceError):
    """A `${env:…}` or `${file:…}` reference has nothing behind it."""

    code = "E003"


class UnknownConnector(WorkspaceError):
    """No installed package provides a connector of this name."""

    code = "E431"
    exit_code = 2


class BrokenConnector(WorkspaceError):
    """A connector's package is installed, but cannot be used."""

    code = "E432"


class GitFailed(WorkspaceError):
    """Git is there and refuses, or does not answer."""

    code = "E004"


class PlanError(PromoError):
    """A plan cannot be made or carried out."""


class NaiveDatetime(PlanError):
    """A datetime without a zone reached a border; instants are aware and UTC."""

    code = "E101"


class UnknownKey(PlanError):
    """No event or window has this key."""

    code = "E102"
    exit_code = 2


class StalePlan(PlanError):
    """What was planned is not what would be done now: revision, ledger, zone data, calendars,
    config/ or the changes themselves are others.
    """

    code = "E103"


class PlanRefused(PlanError):
    """The plan holds errors, or changes that need to be allowed by name."""

    code = "E104"


class LedgerError(PromoError):
    """The ledger cannot be used."""


class LedgerUnavailable(LedgerError):
    """The database is locked, full, read-only or out of reach; nothing was recorded."""

    code = "E201"


class LedgerAbsent(LedgerUnavailable):
    """There is no ledger there yet."""


class LedgerInUse(LedgerError):
    """Another daemon holds this ledger."""

    code = "E202"


class LedgerMismatch(LedgerError):
    """This ledger is of another kind: simulated, of a newer schema, or sealed with another key."""

    code = "E203"


class AuditBroken(LedgerError):
    """The audit chain does not verify: an entry was edited, removed or added without the key."""

    code = "E204"


class LedgerNotEmpty(LedgerError):
    """A backup is restored only into a ledger that is empty or not there."""

    code = "E205"


class OperationError(PromoError):
    """An operation was asked for wrongly, or ended short."""


class WrongUsage(OperationError):
    """The command line asks for something that does not fit together."""

    code = "E301"
    exit_code = 2


class DemoFailed(OperationError):
    """The simulated run did not do what its plan says."""

    code = "E302"


class PartlyDone(OperationError):
    """Part of it was done; the rest is listed and still being tried."""

    code = "E303"
    exit_code = 4


class NotWritten(OperationError):
    """A file that a command was asked for cannot be written; what was there is left as it was."""

    code = "E304"


class EngineMissing(OperationError):
    """The engine that was asked for is not installed."""

    code = "E305"
    exit_code = 2


class UnusableOrders(OperationError):
    """A file of orders cannot be learned from; `problems` says where and why."""

    code = "E310"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[-1].message, help=problems[-1].help)
        self.problems = tuple(problems)


class NotWritable(OperationError):
    """What was learned cannot be put into the workspace's files."""

    code = "E312"
