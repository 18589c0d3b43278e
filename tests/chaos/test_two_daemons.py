"""Two embedded daemons by mistake: the second is refused, or it is harmless."""

from dataclasses import replace

from campaigns import Wanted
from daemons import Daemon
from judging import Judge, late
from rounds import BUSY, LATENCY, RETRY, workspaces
from scenarios import Scenario, each
from shops import a_shop

WANTED = Wanted(windows=24, at_once=6, lengths=(3, 4))


def two_at_once(stage, ledger="", second=None):
    """Two daemons side by side through a whole campaign; `second` says how the other starts."""
    shop = a_shop(stage.processes, stage.folder)
    shop.misbehave(latency_ms=LATENCY)  # so that both have calls in flight
    roots = workspaces(stage, shop.url, WANTED, ledger, 2 if ledger else 1)
    judge = Judge(stage.processes, roots[0])
    judge.apply()
    daemons = [Daemon(stage.processes, roots[0]).ready()]
    if second:
        second(roots[0])
    daemons.append(Daemon(stage.processes, roots[-1]).ready())
    judge.at_rest()
    account = judge.account(shop, late(RETRY + BUSY))
    assert (account.faults, account.missed) == ((), 0), account.faults
    shares = [len(daemon.said("firing.settled")) for daemon in daemons]
    assert [daemon.stop() for daemon in daemons] == [0, 0]
    return f"{account}; they settled {shares[0]} and {shares[1]} events"


def lock_deleted(stage):
    """Somebody deletes the first one's lock file: the second starts beside it."""

    def delete(root):
        (root / ".promo" / "ledger.db.lock").unlink()

    return f"lock file deleted: {two_at_once(stage, second=delete)}"


def one_postgresql(stage):
    return f"two machines, one PostgreSQL: {two_at_once(stage, stage.database())}"


def refused(stage):
    shop = a_shop(stage.processes, stage.folder)
    wanted = replace(WANTED, begins_in=3600)
    root = workspaces(stage, shop.url, wanted)[0]
    first = Daemon(stage.processes, root).ready()
    second = Daemon(stage.processes, root)
    assert second.child.wait() == 1
    assert "E202" in second.child.errors()
    assert str(first.child.pid) in second.child.errors()
    assert first.stop() == 0
    return "one SQLite ledger: the second is refused with the first one's name"


@each(
    Scenario("second-refused", refused),
    Scenario("lock-deleted", lock_deleted),
    Scenario("two-machines", one_postgresql, postgresql=True),
)
def test_a_second_embedded_daemon_is_refused_or_harmless(played, scenario):
    print(played(scenario))
