"""Where the files are that travel with the product: the catalogue of markets, and the examples."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: Literal["config", "examples"]) -> Path:
    """The folder of the shipped files: inside the installed package, else beside it."""
    installed = _PACKAGE / "shipped" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
