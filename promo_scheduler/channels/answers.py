"""What an HTTP answer means: its status and body as a channel error, and what may be told of it.

Pure. No header is quoted, and of a body only what an allow-list names, shortened, and with every
known secret taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from promo_scheduler.connector import (
    AuthExpired,
    ChannelDown,
    ChannelError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Retryable,
)

LONGEST_WAIT = timedelta(days=1)  # what a channel asks for beyond this is not believed
QUOTED = 200  # characters of a channel's own message that are told
ALLOWED_FIELDS = ("code", "error", "message", "detail", "title")
_PERMANENT: Mapping[int, type[ChannelError]] = {
    401: AuthExpired,
    403: Forbidden,
    404: NotFound,
    408: Retryable,
    409: Conflict,
    410: NotFound,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `body` is the JSON in it; None where it was empty or is no JSON."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The machine-readable code in the body: at its top, or under `error`."""
        body = self.body if isinstance(self.body, dict) else {}
        inner = body.get("error")
        code = body.get("code") or (inner.get("code") if isinstance(inner, dict) else None)
        return code if isinstance(code, str) else ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How an answer is read: as that of a write or not, and which secrets never to repeat.

    `codes` are the channel's own error codes, which say more than the status does.
    """

    what: str
    write: bool = False
    codes: Mapping[str, type[ChannelError]] = field(default_factory=dict)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def error_of(answer: Answer, reading: Reading) -> ChannelError | None:
    """The error that an answer stands for; None for a 2xx without an error code in its body."""
    told = f"{reading.what}: {answer.status}{_quoted(answer.body, reading.secrets)}"
    if known := reading.codes.get(answer.code):
        return known(told)
    if answer.ok:
        return None
    if answer.status == 429:
        return RateLimited(told, retry_after=retry_after(answer.headers))
    if answer.status >= 500:
        return _server_error(answer, told, reading)
    return _PERMANENT.get(answer.status, Invalid)(told)


def _server_error(answer: Answer, told: str, reading: Reading) -> ChannelError:
    if answer.status == 503 and (wait := retry_after(answer.headers)) is not None:
        now = _date(answer.headers.get("Date"))
        return ChannelDown(told, until=now + wait if now else None)
    return OutcomeUnknown(told) if reading.write else Retryable(told)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long `Retry-After` asks to wait: seconds, or a date less the answer's own `Date`."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return timedelta(seconds=min(int(text), LONGEST_WAIT.total_seconds()))
    until, now = _date(text), _date(headers.get("Date"))
    if until is None or now is None:
        return None
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)


def _date(text: str | None) -> datetime | None:
    """An HTTP date as a UTC instant; None for anything else."""
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """The text with every secret replaced."""
    for secret in secrets:
        text = text.replace(secret, "[secret]") if secret else text
    return text


def _quoted(body: object, secrets: tuple[str, ...]) -> str:
    """The allowed words of an error body, or nothing."""
    if not isinstance(body, dict):
        return ""
    inner = body.get("error")
    fields = inner if isinstance(inner, dict) else body
    words = [fields[name] for name in ALLOWED_FIELDS if isinstance(fields.get(name), str)]
    text = masked(" ".join(words), secrets)[:QUOTED]
    return f" {text}" if text else ""
