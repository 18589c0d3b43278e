"""`promo audit`: verify the sealed record, export it, show its head."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Format, Where

if TYPE_CHECKING:
    from collections.abc import Iterable

    from promo_scheduler.audit import AuditEntry, Break, Head, Stamp

audit_app = typer.Typer(
    help="Verify the sealed record, export it, or show its head.",
    no_args_is_help=True,
)
PAGE = 200  # entries whose columns line up with each other


class ExportFormat(StrEnum):
    """How entries are exported: one JSON object a line, or for people."""

    JSONL = "jsonl"
    TEXT = "text"


Published = Annotated[
    str | None,
    typer.Option(
        "--head", metavar="SEQ:SEAL", help="A head published earlier: it must be in the chain."
    ),
]
ExportOutput = Annotated[ExportFormat, typer.Option("-o", "--output", help="How to print.")]
SaveTo = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where to. (default: stdout)")
]
Archives = Annotated[
    list[Path] | None,
    typer.Option("--archive", metavar="FILE", help="Entries that were pruned; may be given again."),
]
Since = Annotated[
    int, typer.Option("--since", metavar="SEQ", min=0, help="Only entries after this number.")
]


@audit_app.command()
def verify(
    context: typer.Context,
    head: Published = None,
    archive: Archives = None,
    where: Where = None,
    output: Format = None,
) -> None:
    """Walk the whole chain and name every place where it does not hold. Exits with 1 for any.

    It begins after what was pruned; with archives, at the first of them.
    """
    from promo_scheduler.cli.door import existing_ledger
    from promo_scheduler.cli.printing import show_json
    from promo_scheduler.operations.archiving import archived
    from promo_scheduler.views.as_data import document, head_data

    door = door_of(context, where, output)
    published = _head_from(head) if head else None
    with existing_ledger(door.standing_workspace()) as ledger:
        breaks, stamp = ledger.verify(published, archived(archive or ())), ledger.stamp()
    if door.is_json:
        told = [{"seq": found.seq, "reason": found.reason} for found in breaks]
        ends = {"head": head_data(stamp.head), "pruned": head_data(stamp.pruned)}
        show_json(document(verified=not breaks, **ends, breaks=told))
    else:
        _print_breaks(breaks, stamp, with_archive=bool(archive))
    if breaks:
        raise typer.Exit(1)


@audit_app.command()
def export(
    context: typer.Context,
    output: ExportOutput = ExportFormat.JSONL,
    out: SaveTo = None,
    since: Since = 0,
    where: Where = None,
) -> None:
    """Write every entry, one a line, with all that its seal covers."""
    from promo_scheduler.cli.door import existing_ledger

    door = door_of(context, where, None)
    with existing_ledger(door.standing_workspace()) as ledger:
        entries = ledger.audit(since)
        if output is ExportFormat.TEXT:
            _print_entries(entries)
        else:
            _write_to(out, entries)


@audit_app.command()
def head(context: typer.Context, where: Where = None, output: Format = None) -> None:
    """Show the last entry's number and seal: keep it elsewhere, and a cut can be found."""
    from promo_scheduler.cli.door import existing_ledger
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.views.as_data import document, head_data

    door = door_of(context, where, output)
    with existing_ledger(door.standing_workspace()) as ledger:
        present = ledger.stamp().head
    if door.is_json:
        show_json(document(head=head_data(present)))
    else:
        show(f"{present.seq}:{present.seal}")


def _head_from(text: str) -> Head:
    from promo_scheduler.audit import Head
    from promo_scheduler.errors import WrongUsage

    seq, _, seal = text.partition(":")
    if not (seq.isdecimal() and len(seal) == 64 and set(seal) <= set("0123456789abcdef")):
        raise WrongUsage(
            f'expected a head as `promo audit head` prints it, found "{text}"',
            help="it looks like 1204:9f86d081…, with 64 hexadecimal digits",
        )
    return Head(int(seq), seal)


def _print_breaks(breaks: list[Break], stamp: Stamp, *, with_archive: bool) -> None:
    from rich.text import Text

    from promo_scheduler.cli.printing import show
    from promo_scheduler.views.words import count

    present, gone = stamp.head, 0 if with_archive else stamp.pruned.seq
    number = present.seq - gone
    entries = "1 entry" if number == 1 else f"{number:,} entries"
    entries += f" after {gone:,} that were pruned" if gone else ""
    for found in breaks:
        show(Text.assemble(("broken ", "bold red"), f"at entry {found.seq}: {found.reason}"))
    if breaks:
        show(Text(f"{count(len(breaks), 'break')} in {entries}; `promo explain E204` says more."))
        return
    head = f"{present.seq}:{present.seal}"
    show(Text.assemble(("verified ", "bold green"), f"{entries}, head {head}"))


def _print_entries(entries: Iterable[AuditEntry]) -> None:
    from itertools import islice

    from promo_scheduler.cli.printing import show
    from promo_scheduler.views.status import audit_grid

    passing = iter(entries)
    while page := list(islice(passing, PAGE)):
        show(audit_grid(page, with_keys=True))


def _write_to(path: Path | None, entries: Iterable[AuditEntry]) -> None:
    import sys

    from promo_scheduler.errors import WrongUsage

    if path is None:
        _write_lines(sys.stdout, entries)
        return
    try:
        with path.open("w", encoding="utf-8") as file:
            _write_lines(file, entries)
    except OSError as error:
        raise WrongUsage(
            f"the audit cannot be written: {error}", help="name a file that can be written"
        ) from error


def _write_lines(stream: IO[str], entries: Iterable[AuditEntry]) -> None:
    from promo_scheduler.operations.archiving import line_of

    for entry in entries:
        stream.write(line_of(entry))
