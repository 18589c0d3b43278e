"""The chain of seals: any edit, cut, swap or forged entry made without the key is found."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from promo_scheduler.audit import EMPTY, Draft, Head, seal, verify

KEY = b"kept elsewhere"
AT = datetime(2026, 11, 11, 12, 30, 0, 250_000, tzinfo=UTC)


def a_chain(length=5, secret=KEY):
    head, entries = EMPTY, []
    for number in range(length):
        draft = Draft(AT, "ann", "firing.done", f"key/{number}", {"lag_ms": number, "note": "ü"})
        entry = seal(secret, head, draft)
        head = Head(entry.seq, entry.seal)
        entries.append(entry)
    return entries


def test_an_untouched_chain_holds():
    assert list(verify(KEY, a_chain())) == []


@pytest.mark.parametrize(
    "tamper",
    [
        lambda c: [c[0], replace(c[1], detail={"lag_ms": 0}), *c[2:]],
        lambda c: [c[0], replace(c[1], actor="bob"), *c[2:]],
        lambda c: [c[0], replace(c[1], at=AT.replace(year=2027)), *c[2:]],
        lambda c: [*c[:2], *c[3:]],
        lambda c: [c[0], c[2], c[1], *c[3:]],
        lambda c: c[1:],
        lambda c: [*c, *a_chain(6, b"another key")[5:]],
    ],
    ids=["edited", "other actor", "other time", "one removed", "swapped", "first gone", "forged"],
)
def test_tampering_is_found(tamper):
    assert list(verify(KEY, tamper(a_chain())))


def test_a_chain_may_be_verified_from_a_known_head_on():
    entries = a_chain()
    assert list(verify(KEY, entries[2:], Head(2, entries[1].seal))) == []
    assert list(verify(KEY, entries[2:], Head(2, entries[0].seal)))
