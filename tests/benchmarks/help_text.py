"""G8: `promo --help` against a typer program whose help is equally long."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from figures import Figure, interleaved

from promo_scheduler.cli.app import PANELS

ROUNDS = 15


def measure() -> list[Figure]:
    """Time both as processes, in turns."""
    ours = [sys.executable, "-m", "promo_scheduler", "--help"]
    with tempfile.TemporaryDirectory() as folder:
        peer = [sys.executable, str(_equally_long(Path(folder))), "--help"]
        mine, theirs = interleaved([lambda: _help(ours), lambda: _help(peer)], ROUNDS)
        lines = len(_help(ours).splitlines()), len(_help(peer).splitlines())
    return [
        Figure(
            "G8",
            f"promo --help ({lines[0]} lines; the peer's {lines[1]})",
            f"{mine * 1000:.0f} ms",
            f"typer {theirs * 1000:.0f} ms ({mine / theirs:.2f} ×)",
            "≤ 1.3 ×",
            mine <= 1.3 * theirs,
        )
    ]


def _help(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _equally_long(folder: Path) -> Path:
    """A program with as many commands as ours in as many panels, each with a line of help."""
    lines = ["import typer", "app = typer.Typer(help='A program with as many commands.')"]
    for panel, names in PANELS.items():
        for name in names:
            lines += [
                f"@app.command({name!r}, rich_help_panel={panel!r})",
                f"def the_{name}(one: str = typer.Option('', help='One.')) -> None:",
                f"    'What the command {name} is for, in a line as long as ours are.'",
            ]
    path = folder / "program.py"
    path.write_text("\n".join([*lines, "app()", ""]), encoding="utf-8")
    return path
