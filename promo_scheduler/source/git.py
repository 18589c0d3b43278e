"""Git: which commit a workspace stands at, and its committed files in a folder of their own.

Every call is a fixed command on a commit's own hash, without a shell; no name of a branch or tag
is ever put into a command line.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import tarfile
from pathlib import Path, PurePosixPath

from promo_scheduler.errors import GitFailed

_FOLDERS = ("campaigns", "config")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TIMEOUT = 30.0
# A hook or an alias above us must not point git elsewhere, and a workspace's own settings must
# not make it run programs.
_ELSEWHERE = frozenset(
    [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    ]
)
_FIXED = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_NO_COMMIT = ("not a git repository", "Needed a single revision", "unknown revision")


def revision(root: Path) -> str | None:
    """The commit that the workspace stands at, with `-dirty` where its files differ from it.

    None outside git, before the first commit, and where git is not installed. Raises GitFailed
    where git refuses or does not answer.
    """
    commit = head(root)
    if commit is None:
        return None
    changed = _git(root, "status", "--porcelain", "--untracked-files=all", "--", *_FOLDERS)
    return f"{commit}-dirty" if changed.strip() else commit


def checkout(root: Path, into: Path) -> str | None:
    """Put campaigns/ and config/ of the last commit into a folder; the commit's hash.

    None, and nothing is written, where there is no commit (see `revision`). Raises GitFailed.
    """
    commit = head(root)
    if commit is None:
        return None
    listed = _git(root, "ls-tree", "--name-only", "-z", commit, "--", *_FOLDERS)
    present = [name for name in listed.decode().split("\0") if name]
    into.mkdir(parents=True, exist_ok=True)
    if present:
        _unpack(_git(root, "archive", "--format=tar", commit, "--", *present), into)
    return commit


def head(root: Path) -> str | None:
    """The last commit of the repository that the folder is in; None where there is none."""
    try:
        found = _run(root, "rev-parse", "--verify", "--end-of-options", "HEAD")
    except FileNotFoundError:  # git is not installed
        return None
    said = found.stderr.decode(errors="replace")
    if found.returncode and any(words in said for words in _NO_COMMIT):
        return None
    commit = _answer(found, "rev-parse").decode().strip()
    if not _COMMIT.fullmatch(commit):
        raise GitFailed("git named no commit for HEAD")
    return commit


def _git(root: Path, *arguments: str) -> bytes:
    return _answer(_run(root, *arguments), arguments[0])


def _answer(done: subprocess.CompletedProcess[bytes], word: str) -> bytes:
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode(errors="replace").strip()
    raise GitFailed(f"git {word} failed: {said[:500]}", help="run `git status` in the workspace")


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", *_SAFE, "-C", str(root.absolute()), *arguments]
    try:
        return subprocess.run(  # noqa: S603  # fixed words, our own path and a hash
            command, capture_output=True, check=False, env=_environment(), timeout=_TIMEOUT
        )
    except FileNotFoundError:
        raise
    except subprocess.TimeoutExpired:
        reason = f"no answer within {_TIMEOUT:.0f} s"
    except OSError as error:
        reason = str(error.strerror)
    raise GitFailed(f"git {arguments[0]} failed: {reason}", help="does git work on this machine?")


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return {**kept, **_FIXED}


def _unpack(archive: bytes, into: Path) -> None:
    """Write the archive's folders, files and links, nowhere but into this folder.

    A link is written as it is: whether it leads out of the workspace is for `load` to say.
    """
    base = into.resolve()
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
        for member in tar:
            target = into / PurePosixPath(member.name)
            if not target.parent.resolve().is_relative_to(base) or ".." in target.parts:
                raise GitFailed(f"the commit holds a path out of the workspace: {member.name!r}")
            _write(tar, member, target)


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if member.isdir():
        target.mkdir(exist_ok=True)
    elif member.issym():
        target.symlink_to(member.linkname)
    elif member.isfile():
        content = tar.extractfile(member)
        target.write_bytes(content.read() if content else b"")
