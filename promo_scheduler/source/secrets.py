"""Secrets stay references until a connection is made: `${env:NAME}`, `${file:path}` (law 12).

What is behind a reference is returned to the caller and appears nowhere else: no message, no
chained exception, no log.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from promo_scheduler.errors import MissingSecret

REFERENCE = re.compile(r"\$\{(?P<kind>env|file):(?P<name>[^}]*?)(?::-(?P<default>[^}]*))?\}")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 65_536


def resolve(settings: Mapping[str, str], root: Path) -> dict[str, str]:
    """The settings with every reference replaced by what is behind it.

    `${env:NAME}` is an environment variable (an empty one counts as missing), `${env:NAME:-text}`
    has a default, `${file:path}` is a file's content without its last line break; a relative path
    is taken from `root` and must stay inside it. Raises MissingSecret, which names the reference.
    """
    return {key: _resolved(key, text, root) for key, text in settings.items()}


def malformed(text: str) -> bool:
    """Whether the text holds a `${` that is not a reference."""
    names = (found for found in REFERENCE.finditer(text) if found["kind"] == "env")
    wrong = any(not _ENV_NAME.fullmatch(found["name"]) for found in names)
    return wrong or "${" in REFERENCE.sub("", text)


def _resolved(key: str, text: str, root: Path) -> str:
    if malformed(text):
        raise MissingSecret(
            f"{key}: a `${{` that is not a reference",
            help="write ${env:NAME}, ${env:NAME:-default} or ${file:path}",
        )
    return REFERENCE.sub(lambda found: _behind(key, found, root), text)


def _behind(key: str, found: re.Match[str], root: Path) -> str:
    if found["kind"] == "file":
        return _file(key, found["name"], root)
    value = os.environ.get(found["name"]) or found["default"]
    if value is None:
        raise MissingSecret(
            f"{key}: ${{env:{found['name']}}} is not set",
            help=f"set the environment variable {found['name']} where promo runs",
        )
    return value


def _file(key: str, name: str, root: Path) -> str:
    reference = f"{key}: ${{file:{name}}}"
    path = root / name
    if not Path(name).is_absolute() and not path.resolve().is_relative_to(root.resolve()):
        raise MissingSecret(
            f"{reference} leads out of the workspace",
            help="write an absolute path, such as ${file:/run/secrets/token}",
        )
    try:
        return _content(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a short UTF-8 text"
    # Raised out here, so that no decoding error with the content in it hangs on as its context.
    raise MissingSecret(f"{reference} cannot be read: {reason}", help="is it there, and readable?")


def _content(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(2, "no such file")
    with path.open("rb") as file:
        content = file.read(_LONGEST + 1)
    if len(content) > _LONGEST or not content.strip():
        raise ValueError
    return content.decode().rstrip("\r\n")
