"""Whether a workspace may have changed, told without reading it."""

import os

from promo_scheduler.source import fingerprint


def test_a_fingerprint_differs_when_a_file_does_and_only_then(room):
    before = fingerprint(room.root)
    assert fingerprint(room.root) == before
    room.write("campaigns/other.yaml", "campaign: other\n")
    assert fingerprint(room.root) != before


def test_an_editors_dangling_link_does_not_stop_the_daemon_from_following(room):
    os.symlink("ann@desk.4711", room.root / "campaigns" / ".#sale.yaml")
    before = fingerprint(room.root)
    (room.root / "campaigns" / "sale.yaml").unlink()
    assert fingerprint(room.root) != before
