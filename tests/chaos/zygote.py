"""Processes that are ready to work in some milliseconds: forked from one that has imported promo.

They are processes like any other: each has its own memory, dies of SIGKILL, and is another one
each time. A daemon is `promo run` itself, called in such a process. Safe to use from threads.
"""

import atexit
import base64
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_NUMBER = count(1)


class Zygote:
    """The process that forks; started when it is first needed."""

    def __init__(self):
        self._lock = threading.Lock()
        self._process = None

    def fork(self, asked):
        with self._lock:
            if self._process is None:
                self._start()
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def _start(self):
        path = os.pathsep.join([str(ROOT), str(HERE)])
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "preloaded.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        atexit.register(self._end)

    def _end(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


_ZYGOTE = Zygote()


class Child:
    """A forked process, and what it tells: its output and its log."""

    def __init__(self, pid, told):
        self.pid, self._told = pid, told

    @property
    def code(self):
        """Its exit code, minus the signal's number where it died of one; None while it lives."""
        text = self._read(".code")
        return int(text) if text else None

    @property
    def alive(self):
        return self.code is None

    def output(self):
        return self._read(".out")

    def errors(self):
        return self._read(".err")

    def log(self, word=""):
        """The lines of the log that are JSON, complete, and hold the word."""
        lines = self.errors().split("\n")[:-1]
        return [json.loads(line) for line in lines if line[:1] == "{" and word in line]

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        """SIGKILL, and it is gone when this returns."""
        with suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)
        return self.wait()

    def wait(self, seconds=60):
        until(lambda: not self.alive, lambda: f"it ends: {self.errors()[-2000:]}", seconds)
        return self.code

    def _read(self, suffix):
        path = Path(self._told + suffix)
        return path.read_text(encoding="utf-8") if path.exists() else ""


class Processes:
    """Those of one test."""

    def __init__(self, folder):
        self._folder, self._kept = folder, []

    def fork(self, job, *given):
        """Call `job(*given)` in a process of its own; what it returns is its exit code."""
        told = str(self._folder / f"{next(_NUMBER)}-{job.__name__}")
        key = {"PROMO_AUDIT_KEY": os.environ.get("PROMO_AUDIT_KEY", "")}
        asked = {
            "module": job.__module__,
            "name": job.__name__,
            "given": base64.b64encode(pickle.dumps(given)).decode(),
            "told": told,
            "environment": key,
        }
        child = Child(_ZYGOTE.fork(asked), told)
        self._kept.append(child)
        return child

    def kill(self):
        for child in self._kept:
            if child.alive:
                child.kill()


@contextmanager
def keeping():
    """Fork processes; they are killed at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="promo-chaos-") as folder:
        processes = Processes(Path(folder))
        try:
            yield processes
        finally:
            processes.kill()


def promo(*words):
    """The `promo` command, as a job."""
    from promo_scheduler.cli import main

    return main(list(words))


def until(condition, what, seconds=60.0, pause=0.02):
    """Wait for a condition of another process; there is no clock of its to tick."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(pause)
    raise AssertionError(f"expected: {what() if callable(what) else what}")
