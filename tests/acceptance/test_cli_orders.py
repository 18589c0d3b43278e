"""Orders as a person gives them: asked twice, in scope, told exactly, and taken back."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from promo_scheduler.operations import open_ledger
from promo_scheduler.source import load

ROOT = Path(__file__).parents[2]
PROMO = [sys.executable, "-m", "promo_scheduler"]
YES = ("--reason", "wrong price", "--yes")


@pytest.fixture
def applied(promo, workspace):
    """A workspace whose plan stands in the ledger."""
    assert promo("-w", workspace, "apply", "--yes").code == 0
    return workspace


def _kinds(root):
    ledger = open_ledger(load(root))
    try:
        return [entry.kind for entry in ledger.audit() if entry.kind.startswith("order.")]
    finally:
        ledger.close()


def _orders(promo, root):
    return promo("-w", root, "status", "-o", "json").json["orders"]


# ── asking twice ────────────────────────────────────────────────────────────────────────────────
def at_a_terminal(root, *words, answers):
    """Call the command at a terminal, type the answers; its exit code and all that it showed."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "80"}
    with subprocess.Popen(
        [*PROMO, "-w", str(root), *words],
        **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        shown = _all_of(ours)
    os.close(ours)
    return process.returncode, shown


def _all_of(terminal):
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the other end is closed: that is how a terminal ends
            return shown.decode()
        if not part:
            return shown.decode()
        shown += part


@pytest.mark.parametrize("answers", [["n"], ["y", "n"], ["", "y"]], ids=" ".join)
@pytest.mark.parametrize("word", ["hold", "stop"])
def test_a_no_to_either_question_leaves_everything_as_it_was(promo, applied, word, answers):
    code, shown = at_a_terminal(
        applied, word, "--region", "de", "--reason", "wrong price", answers=answers
    )

    assert (code, _orders(promo, applied), _kinds(applied)) == (1, [], []), shown
    assert f"{word.title()} region=de?" in shown
    assert ("Sure?" in shown) is (answers[0] == "y")


def test_two_times_yes_gives_the_order_and_takes_it_back(promo, applied):
    code, shown = at_a_terminal(
        applied, "stop", "--region", "de", "--reason", "wrong price", answers=["y", "y"]
    )
    assert code == 0, shown
    assert "Stop region=de? 0 windows live or staged there will end." in shown
    assert "They end now, for every buyer. Sure?" in shown
    assert [order["kind"] for order in _orders(promo, applied)] == ["stop"]

    told = ("resume", "--region", "de", "--reason", "corrected")
    for answers in (["n"], ["y", "n"]):
        assert at_a_terminal(applied, *told, answers=answers)[0] == 1
        assert len(_orders(promo, applied)) == 1
    code, shown = at_a_terminal(applied, *told, answers=["y", "y"])
    assert (code, _orders(promo, applied)) == (0, []), shown
    assert _kinds(applied) == ["order.stop", "order.resume"]


def test_what_cannot_be_taken_back_is_said_before_anybody_is_asked(applied):
    code, shown = at_a_terminal(applied, "release", "--region", "de", "--reason", "x", answers=[])

    assert code == 2
    assert "expected a hold in force with the scope region=de, found none" in shown
    assert "Sure?" not in shown


# ── scopes and reasons ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (("--campaign", "winter", "--region", "de"), "campaign=winter region=de"),
        (("--phase", "evening", "--channel", "storefront"), "phase=evening channel=storefront"),
        (("--sku", "A-1"), "sku=A-1"),
        (("--all",), "all"),
    ],
)
def test_the_parts_of_a_scope_intersect_and_name_the_order(promo, applied, scope, told):
    assert f"is in force for {told}" in promo("-w", applied, "hold", *scope, *YES).err

    other = promo("-w", applied, "release", "--region", "us", *YES)
    assert other.code == 2
    assert f"found hold {told}" in other.err
    assert promo("-w", applied, "release", *scope, *YES).code == 0
    assert _orders(promo, applied) == []


def test_one_of_two_overlapping_holds_stays_in_force_when_the_other_is_released(promo, applied):
    promo("-w", applied, "hold", "--region", "de", *YES)
    promo("-w", applied, "hold", "--campaign", "winter", *YES)

    promo("-w", applied, "release", "--region", "de", *YES)

    assert [order["scope"] for order in _orders(promo, applied)] == [{"campaign": "winter"}]
    assert _kinds(applied) == ["order.hold", "order.hold", "order.release"]


@pytest.mark.parametrize("word", ["hold", "stop", "release", "resume"])
def test_a_reason_of_spaces_is_refused_and_nothing_is_on_record(promo, applied, word):
    result = promo("-w", applied, word, "--all", "--reason", "  ", "--yes")

    assert (result.code, _kinds(applied)) == (2, [])
    assert "expected a reason" in result.err


def test_the_reason_and_who_gave_it_are_in_the_audit(promo, applied):
    promo("-w", applied, "stop", "--all", *YES)

    exported = promo("-w", applied, "audit", "export").out

    assert '"kind": "order.stop"' in exported or '"kind":"order.stop"' in exported
    assert "wrong price" in exported
    assert "ana@desk" in exported


# ── what is told ────────────────────────────────────────────────────────────────────────────────
def test_an_order_that_takes_nothing_down_says_so_and_waits_for_nothing(promo, applied):
    stopped = promo("-w", applied, "stop", "--all", *YES)

    assert (stopped.code, stopped.out) == (0, "")
    assert "stop 1 is in force for all; nothing there has to be taken down" in stopped.err
    told = promo("-w", applied, "hold", "--all", *YES, "-o", "json").json
    assert (told["taken_down"], told["unconfirmed"], told["order"]["id"]) == ([], [], 2)


def test_a_release_tells_programs_what_comes_back_and_what_does_not(promo, applied):
    promo("-w", applied, "hold", "--all", *YES)

    told = promo("-w", applied, "release", "--all", *YES, "-o", "json").json

    assert [order["id"] for order in told["orders"]] == [1]
    assert (told["back"], told["stays_down"]) == ([], [])


@pytest.mark.parametrize("word", ["hold", "stop"])
def test_a_timeout_below_zero_is_refused(promo, applied, word):
    assert promo("-w", applied, word, "--all", *YES, "--timeout", "-1").code == 2


def test_a_retry_without_a_daemon_says_who_would_do_it(promo, applied):
    keys = promo("-w", applied, "events", "-o", "json").json["events"]
    result = promo("-w", applied, "retry", keys[0]["key"])

    assert result.code == 2  # nothing of it has failed
    assert "nothing of" in result.err
