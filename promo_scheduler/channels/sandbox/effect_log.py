"""The shop's own log of effects: what changed in the shop, told by the shop alone.

With a file, every line is on the disk before the request that caused it is answered.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from promo_scheduler.channels.sandbox.discount import Effect
from promo_scheduler.record import instant, instant_from

KEPT = 2_000_000  # effects kept in memory; a file keeps them all
PAGE = 10_000  # effects in one answer: some three megabytes
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class EffectLog:
    """Effects in order, numbered from 1."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = path.open("a", encoding="utf-8") if path else None
        self._effects: deque[Effect] = deque(maxlen=KEPT)
        self._last = _lines_in(path) if path else 0

    def write(self, effects: Iterable[Effect]) -> None:
        """Number, keep, and force to the disk."""
        lines = []
        for effect in effects:
            self._last += 1
            numbered = replace(effect, seq=self._last)
            self._effects.append(numbered)
            if self._file:
                lines.append(_encode(effect_data(numbered)) + "\n")
        if self._file and lines:
            self._file.writelines(lines)
            self._file.flush()
            os.fsync(self._file.fileno())

    def after(self, seq: int) -> list[Effect]:
        """The kept effects with a higher number, a page of them."""
        first = self._effects[0].seq if self._effects else 0
        skipped = max(0, seq + 1 - first)  # they are numbered without a gap
        return list(islice(self._effects, skipped, skipped + PAGE))

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file:
            self._file.close()


def _lines_in(path: Path) -> int:
    with path.open(encoding="utf-8") as file:
        return sum(1 for _ in file)


def effect_data(effect: Effect) -> dict[str, Any]:
    """An effect as a line of the log says it."""
    return {
        "seq": effect.seq,
        "at": instant(effect.at),
        "kind": effect.kind,
        "name": effect.name,
        "target": effect.target,
        "by": effect.by,
        "id": effect.id,
        "label": effect.label,
        "sku": effect.sku,
        "before": _text(effect.before),
        "after": _text(effect.after),
        "currency": effect.currency,
    }


def effect_from(data: Mapping[str, Any]) -> Effect:
    """Read what `effect_data` wrote."""
    prices = {name: _decimal(data[name]) for name in ("before", "after")}
    return Effect(**{**data, **prices, "at": instant_from(data["at"])})


def _text(price: Decimal | None) -> str | None:
    return None if price is None else str(price)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
