"""The output for programs."""

import json
from dataclasses import replace

from promo_scheduler.audit import EMPTY, Draft, seal
from promo_scheduler.clock import Versions
from promo_scheduler.errors import Place, Problem
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Action, Change, ChangeKind, Finding, Key, Plan, TriggerEvent
from promo_scheduler.views.as_data import (
    changes_data,
    entry_data,
    order_data,
    plan_data,
    scope_data,
)


def test_a_plan_has_the_documented_shape(make_window):
    # Given a plan with one window, its activation and a finding
    window = make_window()
    problem = Problem("W101", "short", "warn", Place("campaigns/x.yaml", 12, 7))
    events = (TriggerEvent(Key(window.key, Action.ACTIVATE), window.start),)
    plan = Plan(
        (window,),
        events,
        (Finding(problem, "double-11", "de"),),
        Versions("2026f", "0.109", "2.6.0", "3.2"),
        None,
    )

    # When it is printed for programs
    data = json.loads(json.dumps(plan_data(plan)))

    # Then every documented part is there, and instants end in Z
    assert data["version"] == 1
    assert data["tzdata"] == "2026f"
    assert data["calendars"] == {"holidays": "0.109", "hijridate": "2.6.0", "astral": "3.2"}
    assert data["revision"] is None
    (shown,) = data["windows"]
    expected = {
        "campaign": "double-11",
        "phase": "launch",
        "region": "de",
        "zone": "Europe/Berlin",
        "channel": "storefront",
        "occurrence": "2026-11-10",
        "start": "2026-11-10T23:00:00Z",
        "end": "2026-11-11T23:00:00Z",
        "start_local": "2026-11-11T00:00:00+01:00",
        "end_local": "2026-11-12T00:00:00+01:00",
        "warnings": [],
    }
    assert expected.items() <= shown.items()
    assert shown["offer"]["percent"] == "25"
    (event,) = data["events"]
    assert event["key"] == str(events[0].key)
    assert (event["action"], event["due_at"]) == ("activate", "2026-11-10T23:00:00Z")
    (finding,) = data["findings"]
    place = {"file": "campaigns/x.yaml", "line": 12, "column": 7}
    assert {
        "code": "W101",
        "severity": "warn",
        "message": "short",
        **place,
    }.items() <= finding.items()


def test_changes_are_listed_by_kind_each_kind_always_there(make_window):
    window = make_window()
    moved = replace(window, label="other")
    change = Change(ChangeKind.AMEND, window.key, window, moved, None, 2, "amend")

    data = changes_data([change])

    assert list(data) == ["create", "move", "amend", "withdraw", "cancel"]
    assert data["amend"][0]["key"] == str(window.key)
    assert data["amend"][0]["before"]["label"] == ""
    assert data["amend"][0]["after"]["label"] == "other"
    assert data["create"] == []


def test_a_scope_holds_only_what_was_given():
    assert scope_data(Scope(region="de")) == {"region": "de"}
    assert scope_data(Scope()) == {}


def test_an_order_in_force_has_no_release(make_window):
    order = Order(3, OrderKind.STOP, Scope(region="de"), "price error", "ana", make_window().start)

    data = order_data(order)

    assert (data["kind"], data["at"], data["released_at"]) == ("stop", "2026-11-10T23:00:00Z", None)


def test_an_exported_entry_holds_all_that_its_seal_covers(make_window):
    # Given a sealed entry, exported and read back
    draft = Draft(make_window().start, "ana", "plan.applied", "", {"serial": 1})
    entry = seal(b"key", EMPTY, draft)
    data = json.loads(json.dumps(entry_data(entry)))

    # Then it has the documented fields
    assert set(data) == {"seq", "at", "actor", "kind", "key", "detail", "previous", "seal"}
    assert data["at"].endswith("Z")
    assert data["seal"] == entry.seal
