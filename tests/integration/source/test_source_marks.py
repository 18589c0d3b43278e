"""Whether a workspace may have changed, told without reading it."""

from promo_scheduler.source import fingerprint


def test_a_fingerprint_differs_when_a_file_does_and_only_then(room):
    before = fingerprint(room.root)
    assert fingerprint(room.root) == before
    room.write("campaigns/other.yaml", "campaign: other\n")
    assert fingerprint(room.root) != before


def test_an_editors_dangling_link_does_not_stop_the_daemon_from_following(room):
    (room.root / "campaigns" / ".#sale.yaml").symlink_to("ann@desk.4711")
    before = fingerprint(room.root)
    (room.root / "campaigns" / "sale.yaml").unlink()
    assert fingerprint(room.root) != before
