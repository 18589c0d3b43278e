"""`promo backup`, `promo restore`, `promo prune` and the audit's archives, by the command line."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from promo_scheduler.engine.lock import exclusive


@pytest.fixture
def applied(promo, workspace):
    """A workspace whose plan stands in the ledger."""
    assert promo("-w", workspace, "apply", "--yes").code == 0
    return workspace


@pytest.fixture
def backed_up(promo, applied, tmp_path):
    """A workspace, and a backup of its ledger in `promo.db`."""
    assert promo("-w", applied, "backup", tmp_path / "promo.db").code == 0
    return applied


def lose_the_ledger(workspace):
    for path in (workspace / ".promo").glob("ledger.db*"):
        path.unlink()


# ── backup ──────────────────────────────────────────────────────────────────────────────────────
def test_a_backup_says_that_the_key_is_not_in_it(promo, applied, tmp_path):
    result = promo("-w", applied, "backup", tmp_path / "promo.db")

    assert result.code == 0
    assert result.out == ""
    assert ".promo/audit.key" in result.err
    assert "separately" in result.err
    assert (applied / ".promo/audit.key").read_bytes() not in (tmp_path / "promo.db").read_bytes()
    exported = promo("-w", applied, "audit", "export").out
    assert json.loads(exported.splitlines()[-1])["kind"] == "ledger.backed-up"


def test_a_backup_never_goes_over_another_file_unasked(promo, backed_up, tmp_path):
    again = promo("-w", backed_up, "backup", tmp_path / "promo.db")
    assert again.code == 1
    assert "E304" in again.err and "--force" in again.err
    assert promo("-w", backed_up, "backup", tmp_path / "promo.db", "--force").code == 0


def test_a_backup_tells_programs_its_head(promo, applied, tmp_path):
    head = promo("-w", applied, "audit", "head", "-o", "json").json["head"]
    told = promo("-w", applied, "backup", tmp_path / "promo.db", "-o", "json").json
    assert told["head"] == head
    assert (told["file"], told["unrecorded"]) == (str(tmp_path / "promo.db"), "")
    assert told["rows"] > 20


def test_a_backup_renamed_into_place_is_a_ledger_that_is_held(promo, backed_up, tmp_path):
    lose_the_ledger(backed_up)
    shutil.move(tmp_path / "promo.db", backed_up / ".promo/ledger.db")

    status = promo("-w", backed_up, "status")

    assert status.code == 0, status.err
    assert "restored from a backup of" in status.out
    assert promo("-w", backed_up, "audit", "verify").code == 0


# ── restore ─────────────────────────────────────────────────────────────────────────────────────
def test_a_restored_ledger_has_it_all_and_waits_for_a_release(promo, backed_up, tmp_path):
    before = promo("-w", backed_up, "events", "-o", "json").json["events"]
    lose_the_ledger(backed_up)

    result = promo("-w", backed_up, "restore", tmp_path / "promo.db")

    assert result.code == 0, result.err
    for words in ("promo run", "reads every channel first", "promo release --all --reason"):
        assert words in result.err
    assert promo("-w", backed_up, "events", "-o", "json").json["events"] == before
    assert "restored from a backup of" in promo("-w", backed_up, "status").out
    told = ("--all", "--reason", "the channels are as the ledger says", "--yes")
    refused = promo("-w", backed_up, "release", *told)  # no daemon has read the channels yet
    assert (refused.code, "have not all been read yet" in refused.err) == (1, True)
    assert promo("-w", backed_up, "audit", "verify").code == 0


def test_a_ledger_that_is_there_is_never_restored_over(promo, backed_up, tmp_path):
    result = promo("-w", backed_up, "restore", tmp_path / "promo.db")
    assert result.code == 1
    assert "E205" in result.err and "move it away" in result.err


def test_a_restore_waits_for_no_daemon(promo, backed_up, tmp_path):
    lose_the_ledger(backed_up)
    with exclusive(backed_up / ".promo/ledger.db.lock", "shop-1:77:abc"):
        result = promo("-w", backed_up, "restore", tmp_path / "promo.db")
    assert result.code == 1
    assert "E202" in result.err and "shop-1:77:abc" in result.err
    assert not (backed_up / ".promo/ledger.db").exists()


def test_a_restore_needs_the_key_that_sealed_the_backup(promo, backed_up, tmp_path):
    lose_the_ledger(backed_up)
    key = backed_up / ".promo/audit.key"
    kept = key.read_bytes()

    key.unlink()
    absent = promo("-w", backed_up, "restore", tmp_path / "promo.db")
    assert absent.code == 1
    assert "E203" in absent.err and ".promo/audit.key" in absent.err
    assert not key.exists()  # no new one was made

    key.write_bytes(b"another")
    other = promo("-w", backed_up, "restore", tmp_path / "promo.db")
    assert other.code == 1
    assert "another audit key" in " ".join(other.err.split())

    key.write_bytes(kept)
    assert promo("-w", backed_up, "restore", tmp_path / "promo.db").code == 0


def test_a_backup_that_was_tampered_with_is_refused(promo, backed_up, tmp_path):
    with closing(sqlite3.connect(tmp_path / "promo.db")) as connection:
        connection.execute("DROP TRIGGER promo_audit_no_update")
        connection.execute("UPDATE promo_audit SET actor = 'eve' WHERE seq = 1")
        connection.commit()
    lose_the_ledger(backed_up)
    result = promo("-w", backed_up, "restore", tmp_path / "promo.db")
    assert result.code == 1
    assert "E204" in result.err
    assert not (backed_up / ".promo/ledger.db").exists()


def test_a_file_that_is_not_there_is_wrong_usage(promo, workspace, tmp_path):
    result = promo("-w", workspace, "restore", tmp_path / "absent.db")
    assert result.code == 2
    assert "absent.db" in result.err


# ── prune ───────────────────────────────────────────────────────────────────────────────────────
def test_where_nothing_is_old_nothing_is_pruned(promo, applied):
    result = promo("-w", applied, "prune", "--older-than", "90d", "--yes")
    assert result.code == 0
    assert "nothing was over" in result.err
    assert list((applied / ".promo").glob("*.jsonl")) == []


def test_what_is_pruned_lies_in_the_archive_and_verifies_with_it(promo, applied):
    exported = promo("-w", applied, "audit", "export").out
    old_head = "1:" + json.loads(exported.splitlines()[0])["seal"]

    pruned = promo("-w", applied, "prune", "--older-than", "0s", "--yes")

    assert pruned.code == 0, pruned.err
    assert "30 days" in pruned.err
    (archive,) = (applied / ".promo").glob("audit-1-*.jsonl")
    assert archive.name in pruned.err
    assert archive.read_text() == exported
    verify = promo("-w", applied, "audit", "verify")
    assert verify.code == 0
    assert "that were pruned" in verify.out
    before = promo("-w", applied, "audit", "verify", "--head", old_head)
    assert before.code == 1
    assert "--archive" in before.out
    with_archive = ("audit", "verify", "--archive", archive, "--head", old_head)
    whole = promo("-w", applied, *with_archive)
    assert whole.code == 0, whole.out
    assert "pruned" not in whole.out


def test_an_archive_that_was_edited_does_not_verify(promo, applied, tmp_path):
    told = ("--older-than", "0s", "--archive", tmp_path / "a.jsonl", "--yes")
    assert promo("-w", applied, "prune", *told).code == 0
    (tmp_path / "a.jsonl").write_text((tmp_path / "a.jsonl").read_text().replace("ana@", "eve@"))
    result = promo("-w", applied, "audit", "verify", "--archive", tmp_path / "a.jsonl")
    assert result.code == 1
    assert "broken" in result.out


def test_a_prune_tells_programs_what_went(promo, applied, tmp_path):
    told = ("--older-than", "0s", "--archive", tmp_path / "a.jsonl", "--yes", "-o", "json")
    data = promo("-w", applied, "prune", *told).json
    assert data["archive"] == str(tmp_path / "a.jsonl")
    assert (data["entries"] > 0, data["windows"], data["events"]) == (True, 0, 0)
    head = promo("-w", applied, "audit", "verify", "-o", "json").json
    assert head["pruned"]["seq"] == data["entries"]
    assert head["verified"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "either --before or --older-than"),
        (["--before", "2020-01-01", "--older-than", "90d"], "either --before or --older-than"),
        (["--before", "last year"], "--older-than 90d"),
        (["--older-than", "90 days"], "90 days"),
        (["--before", "2999-01-01", "--yes"], "in the past"),
        (["--older-than", "3d"], "keep 30 days"),
    ],
)
def test_what_cannot_be_meant_is_refused(promo, applied, arguments, words):
    result = promo("-w", applied, "prune", *arguments)
    assert result.code == 2
    assert words in result.err


def test_nothing_is_pruned_where_nobody_can_be_asked(promo, workspace, monkeypatch):
    """Given entries that are forty days old."""
    from datetime import UTC, datetime, timedelta

    from promo_scheduler.operations import open_ledger
    from promo_scheduler.source import load

    ledger = open_ledger(load(workspace))
    ledger.note("daemon.noted", "", {}, datetime.now(UTC) - timedelta(days=40), "ann")
    ledger.close()
    result = promo("-w", workspace, "prune", "--older-than", "35d")
    assert result.code == 2
    assert "--yes" in result.err
    assert promo("-w", workspace, "prune", "--older-than", "35d", "--yes").code == 0
