"""What a person or the daemon does, once for all doors: plan, apply, orders, status, reconcile."""

from promo_scheduler.operations.applied import config_at_hand, to_run
from promo_scheduler.operations.applying import SavedPlan, apply, refuse_unless_allowed
from promo_scheduler.operations.confirming import account_of, still_falling
from promo_scheduler.operations.opening import (
    actor,
    installed_version,
    ledger_url,
    lock_path,
    open_ledger,
)
from promo_scheduler.operations.ordering import Given, hold, in_reach, retry, stop, why_given
from promo_scheduler.operations.proposing import (
    FLAGS,
    Proposal,
    capabilities,
    preview,
    propose,
)
from promo_scheduler.operations.reconciling import (
    Reconciled,
    load_committed,
    reconcile_with,
)
from promo_scheduler.operations.reporting import Status, status
from promo_scheduler.operations.reresolving import (
    Reresolution,
    apply_moves,
    has_new_zone_data,
    is_outdated,
    reresolve,
    to_catch_up,
)
from promo_scheduler.operations.taking_back import (
    TakenBack,
    in_force,
    release,
    resume,
)

__all__ = [
    "FLAGS",
    "Given",
    "Proposal",
    "Reconciled",
    "Reresolution",
    "SavedPlan",
    "Status",
    "TakenBack",
    "account_of",
    "actor",
    "apply",
    "apply_moves",
    "capabilities",
    "config_at_hand",
    "has_new_zone_data",
    "hold",
    "in_force",
    "in_reach",
    "installed_version",
    "is_outdated",
    "ledger_url",
    "load_committed",
    "lock_path",
    "open_ledger",
    "preview",
    "propose",
    "reconcile_with",
    "refuse_unless_allowed",
    "release",
    "reresolve",
    "resume",
    "retry",
    "status",
    "still_falling",
    "stop",
    "to_catch_up",
    "to_run",
    "why_given",
]
