"""G6: a cluster that drains 10,000 due at once, beside raw PgQueuer and procrastinate.

Both peers write the same rows and audit entries into the same tables, as raw SQL, at most 100 jobs
in a claim and in a settlement (`outcomes.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from draining import Drain, herd
from figures import Figure, absent
from running import Setup, cluster

COUNT = 10_000
SLOW = 2_000  # for procrastinate: 10,000 would take it minutes
NODES = (1, 2, 3)


def measure() -> Iterator[Figure]:
    """Ours, and each peer with as many workers."""
    for nodes in NODES:
        what = f"cluster of {nodes} drains {COUNT:,}: events a second"
        try:
            ours = herd(cluster(nodes), COUNT)
        except ModuleNotFoundError as error:
            yield absent("G6", what, error)
            continue
        yield _beside(what, ours, Setup("raw PgQueuer", nodes=nodes, program="peer_pgqueuer.py"))
        yield _beside(
            "the same", ours, Setup("procrastinate", nodes=nodes, program="peer_procrastinate.py")
        )


def _beside(what: str, ours: Drain, peer: Setup) -> Figure:
    goal, count = (0.6, COUNT) if "PgQueuer" in peer.name else (8.0, SLOW)
    try:
        theirs = herd(peer, count)
    except ModuleNotFoundError as error:
        return Figure("G6", what, f"{ours.rate:,.0f}", f"{peer.name}: no {error.name}", "", None)
    share = ours.rate / theirs.rate
    said = f"{peer.name} {theirs.rate:,.0f} ({share:.2f} ×)"
    return Figure("G6", what, f"{ours.rate:,.0f}", said, f"≥ {goal:g} ×", share >= goal)
