"""What a channel may fail with: one closed tree, which connectors raise and the daemon obeys.

    ChannelError               E400
    ├── RateLimited            E401
    ├── Retryable              E402   nothing was done
    ├── OutcomeUnknown         E403   the channel is read before anything is done again
    │   └── LeaseLost                 the engine's own: another daemon may have taken over
    ├── AuthExpired            E404
    ├── ChannelDown            E405
    ├── PartialFailure         E406
    └── Permanent              E410   Forbidden, Invalid, WindowNotAllowed, NotEligible, Conflict,
                                      NotFound: E411 to E416

Authors import them from `promo_scheduler.connector`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from promo_scheduler.clock import require_utc
from promo_scheduler.errors import PromoError


class ChannelError(PromoError):
    """A channel did not do what was asked. Say what was expected and found; never a secret."""

    code = "E400"


class RateLimited(ChannelError):
    """Too many calls. `retry_after`: how long the channel asks to wait; `scope`: whom it binds."""

    code = "E401"

    def __init__(
        self, message: str, *, retry_after: timedelta | None = None, scope: str = "account"
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.scope = scope


class Retryable(ChannelError):
    """Nothing was done, and the same call may work later: a 5xx, or a refused connection."""

    code = "E402"


class OutcomeUnknown(ChannelError):
    """The answer was lost after a write. The channel is read before anything is done again."""

    code = "E403"


class AuthExpired(ChannelError):
    """The credentials are no longer valid; refreshed once, then tried again."""

    code = "E404"


class ChannelDown(ChannelError):
    """The whole channel is closed (maintenance); `until` (UTC) where it says so."""

    code = "E405"

    def __init__(self, message: str, *, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = require_utc(until) if until else None


class PartialFailure(ChannelError):
    """Some items of a batch failed; `items` pairs each with its reason."""

    code = "E406"

    def __init__(self, message: str, *, items: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message)
        self.items = items


class Permanent(ChannelError):
    """Trying again cannot help: somebody must change something."""

    code = "E410"


class Forbidden(Permanent):
    """The account may not do this."""

    code = "E411"


class Invalid(Permanent):
    """The channel refuses the content."""

    code = "E412"


class WindowNotAllowed(Permanent):
    """The channel does not take this window: inverted, too short, too long, in the past."""

    code = "E413"


class NotEligible(Permanent):
    """The products, the account or the market do not qualify."""

    code = "E414"


class Conflict(Permanent):
    """Something else on the channel stands in the way."""

    code = "E415"


class NotFound(Permanent):
    """What the call names is not there."""

    code = "E416"
