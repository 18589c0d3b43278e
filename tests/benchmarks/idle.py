"""The daemon, idle, with 100,000 events pending: what it costs in CPU and memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figures import Figure
from herd import application

from promo_scheduler.operations import open_ledger
from promo_scheduler.source import load, shipped

PENDING = 100_000
WATCHED = 20.0  # seconds


def measure() -> list[Figure]:
    """Start `promo run` on such a ledger, let it settle, and watch the process from outside."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "shop"
        shutil.copytree(shipped("examples") / "starter", root)
        shutil.rmtree(root / "campaigns")
        (root / "campaigns").mkdir()
        nothing = "apply: { auto: [] }\n"  # else the daemon cancels what no campaign asks for
        (root / "config" / "settings.yaml").write_text(nothing, encoding="utf-8")
        _fill(root)
        share, megabytes, peak = _watch(root)
    return [
        Figure("", f"daemon idle, {PENDING:,} events pending: CPU", f"{share:.2%}",
               f"over {WATCHED:.0f} s", "not measurable (≤ 1 %)", share <= 0.01),
        Figure("G5", "the same: memory", f"{megabytes:.0f} MB", f"peak at its start {peak:.0f} MB", "≤ 120 MB", megabytes <= 120),
    ]  # fmt: skip


def _fill(root: Path) -> None:
    workspace = load(root)
    ledger = open_ledger(workspace)
    start = datetime.now(UTC) + timedelta(days=300)
    ledger.apply(application(PENDING // 2, start, endings=True))
    ledger.close()


def _watch(root: Path) -> tuple[float, float, float]:
    command = [sys.executable, "-m", "promo_scheduler", "-w", str(root), "run"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as daemon:
        try:
            time.sleep(8)
            before = _seconds(daemon.pid)
            time.sleep(WATCHED)
            share = (_seconds(daemon.pid) - before) / WATCHED
            return share, _megabytes(daemon.pid, "VmRSS"), _megabytes(daemon.pid, "VmHWM")
        finally:
            daemon.terminate()


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int, what: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024
