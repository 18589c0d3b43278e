"""`promo doctor`: whether everything is here that the daemon needs."""

from __future__ import annotations

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Format, Where


def doctor(context: typer.Context, where: Where = None, output: Format = None) -> None:
    """Check that everything is here that the daemon needs.

    Python, zone data, workspace, git, ledger, secrets, connectors, clock. Exits with 1 where a
    check fails. Secrets are looked up, and never shown.
    """
    from promo_scheduler.cli.checkup import examine
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.views.as_data import document
    from promo_scheduler.views.checks import check_data, check_grid, verdict

    door = door_of(context, where, output)
    checks = examine(door)
    failed = any(check.level == "fail" for check in checks)
    if door.is_json:
        show_json(document(ok=not failed, checks=[check_data(check) for check in checks]))
    else:
        show(check_grid(checks), "", verdict(checks))
    if failed:
        raise typer.Exit(1)
