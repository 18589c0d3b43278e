"""Every command that the README shows is run, as written."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [block.strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]
# Run elsewhere: the test command is what runs this; the benchmarks take minutes of a quiet machine.
# The cluster's commands are those of test_cluster.py.
ELSEWHERE = ("pip install -e '.[test]'", "python tests/benchmarks", "--engine pgqueuer")


def commands(containing: str) -> list[str]:
    found = [block for block in BLOCKS if containing in block]
    assert len(found) == 1, f"the README has {len(found)} blocks with {containing!r}"
    return found[0].splitlines()


@pytest.fixture
def environment(tmp_path):
    """A PATH on which `promo` is this checkout's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    promo = folder / "promo"
    promo.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m promo_scheduler "$@"\n')
    promo.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_a_campaign_is_written_put_live_and_looked_at(tmp_path, environment):
    # Given the workspace that the README makes
    first, into, *rest = commands("promo init")
    run(first, tmp_path, environment)
    shop = tmp_path / into.removeprefix("cd ").strip()
    for command in rest:
        assert run(command, shop, environment)
    # When its plan is applied and the daemon runs
    *planned, last = commands("promo apply --yes")
    for command in planned:
        run(command, shop, environment)
    with subprocess.Popen(
        last.split(), cwd=shop, env=environment, stderr=subprocess.PIPE, text=True
    ) as daemon:
        wait_for_line(daemon, "engine.started")
        # Then the other terminal's commands work beside it, and it stops cleanly
        for command in (*commands("promo hold"), *commands("promo backup")):
            run(command, shop, environment)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=60) == 0
    # And the ledger can be restored from its backup, and released once the channels were read
    for command in commands("promo restore"):
        run(command, shop, environment)
    with subprocess.Popen(
        last.split(), cwd=shop, env=environment, stderr=subprocess.PIPE, text=True
    ) as daemon:
        wait_for_line(daemon, "observe.finished")
        for command in commands("promo release --all"):
            run(command, shop, environment)
        daemon.terminate()


def wait_for_line(process, words: str) -> None:
    deadline = time.monotonic() + 60
    for line in process.stderr:
        if words in line:
            return
        assert time.monotonic() < deadline
    raise AssertionError(f"ended without {words!r}")


def test_the_examples_preview_and_play(environment, tmp_path):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for command in commands("examples/flash-friday preview"):
        assert run(command, tmp_path, environment)


def test_the_first_command_works_on_a_fresh_machine(tmp_path):
    # Given a copy of what git tracks, and nothing installed
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    # When the README's first command is typed
    (command,) = commands("promo demo")
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    if "No matching distribution" in done.stderr and "CI" not in os.environ:
        pytest.skip("no package index is in reach")
    # Then the main job is done and says so
    assert done.returncode == 0, done.stdout + done.stderr
    assert "71 planned, 71 on time" in done.stdout
    assert "verified" in done.stdout


def test_no_command_of_the_readme_is_left_out():
    known = ("promo init", "promo apply --yes", "promo hold", "examples/flash-friday", "promo demo")
    keeping = ("promo backup", "promo restore", "promo release --all")
    for block in BLOCKS:
        assert any(words in block for words in (*known, *keeping, *ELSEWHERE)), block
