"""Options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promo_scheduler.cli.door import Output

Where = Annotated[
    Path | None,
    typer.Option(
        "-w",
        "--workspace",
        metavar="DIR",
        help="The workspace. (default: the nearest folder upwards with config/settings.yaml)",
        show_default=False,
    ),
]
Format = Annotated[
    Output | None,
    typer.Option("-o", "--output", help="How to print.", show_default="text"),
]

CampaignName = Annotated[
    str | None, typer.Option("--campaign", metavar="NAME", help="Only this campaign.")
]
PhaseName = Annotated[str | None, typer.Option("--phase", metavar="NAME", help="Only this phase.")]
RegionName = Annotated[
    str | None, typer.Option("--region", metavar="NAME", help="Only this region.")
]
ChannelName = Annotated[
    str | None, typer.Option("--channel", metavar="NAME", help="Only this channel.")
]
Sku = Annotated[
    str | None, typer.Option("--sku", metavar="SKU", help="Only what may hold this product.")
]

AllowWithdraw = Annotated[
    bool, typer.Option("--allow-withdraw", help="Allow live or staged windows to be taken down.")
]
EndNow = Annotated[
    bool,
    typer.Option("--end-now", help="Allow an edit to put the end of a live window in the past."),
]
StartLate = Annotated[
    bool, typer.Option("--start-late", help="Allow new windows to begin in their middle.")
]
DetailedExitcode = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit with 3 where there are changes.")
]

Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it goes into the audit.")
]
Everything = Annotated[bool, typer.Option("--all", help="Everything: no other scope is given.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        min=0,
        help="How long to wait until what goes down is confirmed; 0 does not wait.",
    ),
]
