"""A seller's workspace in files, its ledger, and a clock that is moved by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from promo_scheduler import operations
from promo_scheduler.connector import Observed, ObservedState, Receipt, RemoteRef
from promo_scheduler.firing import EventState, HoldBack, Settlement, decide
from promo_scheduler.ledger import ClaimRequest, Ledger
from promo_scheduler.order import Scope
from promo_scheduler.plan import Action
from promo_scheduler.source import load

CHANNELS = """\
channels:
  shop:
    connector: sandbox
    regions: [gb]
    stage_ahead: 2h
    settings: { url: "http://127.0.0.1:9" }
  fair:
    connector: sandbox
    regions: [gb, de]
    targets: { gb: gb-fair, de: de-fair }
    stage_ahead: 2h
    settings: { url: "http://127.0.0.1:9" }
"""
CAMPAIGN = """\
campaign: sale
title: Sale
owner: ops@shop.example
regions: [gb]
channels: [shop]
phases:
  launch:
    when: { date: 2026-11-11, from: "10:00", until: "14:00" }
    offer: { percent: 90, products: { skus: [A-1] } }
"""


@dataclass
class Desk:
    """Whoever works here: edits files, plans and gives orders, and lets time pass."""

    root: Path
    now: datetime = datetime(2026, 11, 11, 7, tzinfo=UTC)
    ledger: Ledger = field(init=False)

    def __post_init__(self):
        self.write("config/settings.yaml", "{}\n")
        self.write("config/channels.yaml", CHANNELS)
        self.write("campaigns/sale.yaml", CAMPAIGN)
        self.ledger = operations.open_ledger(load(self.root))

    # ── files ───────────────────────────────────────────────────────────────────────────────────
    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name, *pairs):
        text = (self.root / name).read_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        self.write(name, text)

    def correct(self, *pairs):
        self.edit("campaigns/sale.yaml", *pairs)

    # ── planning and orders ─────────────────────────────────────────────────────────────────────
    def propose(self, **scope):
        return operations.propose(load(self.root), self.ledger, self.now, Scope(**scope))

    def apply(self, *flags, **scope):
        proposal = self.propose(**scope)
        operations.apply(self.ledger, proposal, self.now, frozenset(flags))
        return proposal

    def reconcile(self):
        return operations.reconcile_with(load(self.root), self.ledger, self.now)

    def hold(self, **scope):
        return operations.hold(self.ledger, Scope(**scope), "look again", self.now)

    def stop(self, **scope):
        return operations.stop(self.ledger, Scope(**scope), "wrong price", self.now)

    def release(self, **scope):
        workspace, within = load(self.root), Scope(**scope)
        return operations.release(workspace, self.ledger, within, "corrected", self.now)

    def resume(self, **scope):
        workspace, within = load(self.root), Scope(**scope)
        return operations.resume(workspace, self.ledger, within, "corrected", self.now)

    # ── time ────────────────────────────────────────────────────────────────────────────────────
    def pass_to(self, clock):
        """Let everything due until then be done, each at its own instant."""
        hour, minute = map(int, clock.split(":"))
        until = self.now.replace(hour=hour, minute=minute)
        for _ in range(50):
            due = self.ledger.next_due()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self._work()
        self.now = until

    def _work(self):
        claim = ClaimRequest(self.now, 100, "daemon")
        firings, orders = self.ledger.claim(claim)
        for firing in firings:
            match decide(firing, self.now, orders):
                case HoldBack(order):
                    answer = Settlement(firing, EventState.HELD, order_id=order.id)
                case _:
                    answer = self._done(firing)
            assert self.ledger.settle([answer], self.now, "daemon") == [True]

    def _done(self, firing):
        shows = Observed.ENDED if firing.action is Action.DEACTIVATE else Observed.ACTIVE
        receipt = Receipt(RemoteRef("remote-7", firing.natural_key), ObservedState(shows))
        return Settlement(firing, EventState.DONE, handed_at=self.now, receipt=receipt)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────
    def stands(self):
        """Every window: campaign and phase, where it stands, and the percent it takes off."""
        return sorted(
            (f"{w.key.campaign}/{w.key.phase}", each.standing.value, int(w.offer.value.percent))
            for each in self.ledger.standing(since=self.now - timedelta(days=1))
            for w in [each.window]
        )

    def window(self):
        (each,) = self.ledger.standing(since=self.now - timedelta(days=1))
        return each.window


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A sale of 90 % in Britain from 10:00 to 14:00; it is 07:00 on its day."""
    monkeypatch.setenv("PROMO_ACTOR", "ana@desk")
    desk = Desk(tmp_path)
    yield desk
    desk.ledger.close()
