"""What stands, orders, the audit and the check-up, by the command line alone."""

import json
import sqlite3

import pytest

from promo_scheduler import audit


@pytest.fixture
def applied(promo, workspace):
    """A workspace whose plan stands in the ledger."""
    assert promo("-w", workspace, "apply", "--yes").code == 0
    return workspace


def _keys(promo, root, *arguments):
    return [e["key"] for e in promo("-w", root, "events", "-o", "json", *arguments).json["events"]]


# ── looking ─────────────────────────────────────────────────────────────────────────────────────
def test_status_says_what_is_next_and_that_nobody_runs(promo, applied):
    result = promo("-w", applied, "status")

    assert result.code == 0
    assert "all on time" in result.out
    assert "no daemon runs here" in result.out
    assert "winter/launch de storefront" in result.out


def test_status_for_programs_has_the_documented_parts(promo, applied):
    data = promo("-w", applied, "status", "-o", "json").json

    assert {"live", "next", "overdue", "failing", "held", "orders"} <= set(data)
    assert data["ledger"]["simulated"] is False
    assert data["next"][0]["due_at"].endswith("Z")


def test_events_are_filtered_and_limited(promo, applied):
    assert len(_keys(promo, applied)) == 12
    assert len(_keys(promo, applied, "--region", "de", "--phase", "launch")) == 3
    assert _keys(promo, applied, "--state", "failed") == []
    assert len(_keys(promo, applied, "--limit", "5")) == 5
    assert _keys(promo, applied, "--newest")[0] == _keys(promo, applied)[-1]


def test_the_story_of_an_event_tells_hours_state_and_audit(promo, applied, day):
    key = next(k for k in _keys(promo, applied) if "/launch/de/" in k and k.endswith("/activate"))

    result = promo("-w", applied, "explain", key)

    assert result.code == 0
    assert "Europe/Berlin" in result.out
    assert f"from {day} 00:00 until {day} 24:00" in result.out
    assert "pending" in result.out
    assert "plan.create" in result.out
    assert "ana@desk" in result.out


def test_the_story_of_a_window_tells_all_its_events(promo, applied):
    key = _keys(promo, applied)[0].rpartition("/")[0]

    told = promo("-w", applied, "explain", key, "-o", "json").json

    assert [event["action"] for event in told["events"]] == ["stage", "activate", "deactivate"]
    assert told["audit"][0]["kind"] == "plan.create"


@pytest.mark.parametrize("code", ["E001", "E012", "E116", "E201", "E403", "e303"])
def test_every_code_is_explained(promo, code):
    result = promo("explain", code)

    assert result.code == 0
    assert code.upper() in result.out
    assert len(result.out.splitlines()) > 2


def test_every_code_that_an_error_of_ours_carries_has_its_explanation():
    # Given every error class there is, channel errors included
    from promo_scheduler import connector, errors
    from promo_scheduler.views.codes import every_code

    assert connector.ChannelError in errors.PromoError.__subclasses__()
    classes, found = [errors.PromoError], set()
    while classes:
        each = classes.pop()
        classes += each.__subclasses__()
        found.add(each.code)

    assert found - set(every_code()) - {errors.PromoError.code} == set()


def test_zones_show_the_time_in_every_zone_of_a_region(promo, workspace):
    told = promo("-w", workspace, "zones", "-o", "json").json["zones"]

    berlin = next(zone for zone in told if zone["zone"] == "Europe/Berlin")
    assert berlin["anchor"] is True
    assert berlin["offset"] in (3600, 7200)
    assert berlin["next_change"].endswith("Z")
    assert {zone["region"] for zone in told} == {"de", "us"}


# ── orders ──────────────────────────────────────────────────────────────────────────────────────
def test_a_hold_is_shown_with_its_reason_until_it_is_released(promo, applied):
    held = promo("-w", applied, "hold", "--region", "de", "--reason", "prices wrong", "--yes")
    assert held.code == 0
    status = promo("-w", applied, "status").out
    assert "region=de" in status
    assert "prices wrong" in status

    told = ("--region", "de", "--reason", "prices are right", "--yes")
    assert promo("-w", applied, "release", *told).code == 0
    assert "prices wrong" not in promo("-w", applied, "status").out


def test_a_stop_is_taken_back_by_resume_not_by_release(promo, applied):
    assert promo("-w", applied, "stop", "--all", "--reason", "x", "--yes").code == 0

    told = ("--all", "--reason", "y", "--yes")
    assert promo("-w", applied, "release", *told).code == 2
    assert promo("-w", applied, "resume", *told).code == 0


def test_a_campaign_that_is_gone_from_the_files_can_still_be_stopped(promo, applied):
    (applied / "campaigns" / "winter.yaml").unlink()

    stopped = promo("-w", applied, "stop", "--campaign", "winter", "--reason", "x", "--yes")

    assert stopped.code == 0, stopped.err


# ── the audit ───────────────────────────────────────────────────────────────────────────────────
def test_the_exported_audit_can_be_verified_by_anybody_with_the_key(promo, applied):
    lines = promo("-w", applied, "audit", "export").out.splitlines()
    secret = (applied / ".promo" / "audit.key").read_bytes().strip()

    previous = audit.GENESIS
    for line in lines:
        entry = json.loads(line)
        fields = {name: entry[name] for name in ("seq", "at", "actor", "kind", "key", "detail")}
        content = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert entry["previous"] == previous
        assert entry["seal"] == audit.seal_of(secret, previous, content.encode())
        previous = entry["seal"]
    assert [json.loads(line)["kind"] for line in lines] == ["plan.create"] * 4 + ["plan.applied"]


def test_the_audit_is_exported_into_a_file_and_from_a_number_on(promo, applied, tmp_path):
    file = tmp_path / "audit.jsonl"

    assert promo("-w", applied, "audit", "export", "--out", file, "--since", "3").code == 0

    assert [json.loads(line)["seq"] for line in file.read_text().splitlines()] == [4, 5]


def test_the_audit_verifies_against_a_published_head_and_not_against_another(promo, applied):
    head = promo("-w", applied, "audit", "head").out.strip()
    other = f"2:{'0' * 64}"

    assert promo("-w", applied, "audit", "verify", "--head", head).code == 0
    broken = promo("-w", applied, "audit", "verify", "--head", other)
    assert broken.code == 1
    assert "published head" in broken.out


def test_an_edit_of_the_database_is_found(promo, applied):
    # Given somebody with all rights on the database, but without the key
    database = sqlite3.connect(applied / ".promo" / "ledger.db")
    database.execute("DROP TRIGGER promo_audit_no_update")
    database.execute("UPDATE promo_audit SET actor = 'eve' WHERE seq = 2")
    database.commit()
    database.close()

    result = promo("-w", applied, "audit", "verify")

    assert result.code == 1
    assert "at entry 2" in result.out


# ── channels and the check-up ───────────────────────────────────────────────────────────────────
def test_channels_say_where_they_sell_and_what_they_can_do(promo, workspace):
    result = promo("-w", workspace, "channels")

    assert result.code == 0
    assert "de → eu-store" in result.out
    assert "sandbox" in result.out


def test_a_channel_that_does_not_answer_fails_its_check(promo, workspace):
    # Given that nothing listens on port 9 of this machine
    result = promo("-w", workspace, "channels", "check")

    assert result.code == 1
    assert "fail  storefront" in result.out


def test_doctor_fails_on_a_missing_secret_and_never_shows_one(promo, workspace, monkeypatch):
    # Given a channel with a reference to a secret
    channels = workspace / "config" / "channels.yaml"
    channels.write_text(channels.read_text().replace('9" }', '9", token: "${env:SHOP_TOKEN}" }'))

    # When it is missing, and when it is there
    missing = promo("-w", workspace, "doctor")
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-of-the-shop")
    there = promo("-w", workspace, "doctor")

    assert missing.code == 1
    assert "SHOP_TOKEN" in missing.out
    assert there.code == 0, there.out
    assert "s3cret" not in there.out + there.err


def test_doctor_says_what_there_is_to_know(promo, applied):
    result = promo("-w", applied, "doctor")

    assert result.code == 0
    for name in ("python", "zone data", "workspace", "git", "ledger", "connector", "clock"):
        assert name in result.out
