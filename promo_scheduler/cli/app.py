"""The command line: every command, in the order somebody meets them."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Format, Where

# Panel → commands; each is a module of this package with a function of the same name, or, where it
# has commands of its own, with `<name>_app`.
PANELS = {
    "Begin": ("demo", "init", "validate", "schema", "doctor"),
    "Look ahead": ("preview", "plan", "simulate", "peaks"),
    "Do": ("apply", "run"),
    "Look": ("status", "events", "explain", "channels", "zones", "calendars", "tz", "audit"),
    "Intervene": ("hold", "release", "stop", "resume", "retry"),
    "Keep": ("backup", "restore", "prune"),
}

app = typer.Typer(
    name="promo",
    help="Write a promotion once; it goes live in every region at that region's own hour, "
    "and comes off again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from promo_scheduler.operations import installed_version
        from promo_scheduler.timing import tzdata_version

        typer.echo(f"promo {installed_version()}, tzdata {tzdata_version()}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
    ),
]


@app.callback()
def choose(
    context: typer.Context,
    where: Where = None,
    output: Format = None,
    version: Version = False,  # noqa: ARG001 (its callback has done it)
) -> None:
    """Write a promotion once; it goes live in every region at that region's own hour."""
    door_of(context, where, output)


def _register() -> None:
    for panel, names in PANELS.items():
        for name in names:
            module = import_module(f"promo_scheduler.cli.{name}")
            group = getattr(module, f"{name}_app", None)
            if group is not None:
                app.add_typer(group, name=name, rich_help_panel=panel)
            else:
                app.command(name, rich_help_panel=panel)(getattr(module, name))


_register()
