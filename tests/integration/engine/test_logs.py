"""The daemon's log, where nobody can read it."""

import structlog

from promo_scheduler.engine.logs import configure


def test_a_log_that_cannot_be_written_keeps_nothing_from_its_course(monkeypatch, tmp_path):
    # Given a log whose file is closed under it, as a full disk or a broken pipe would be
    stream = (tmp_path / "log").open("w")
    monkeypatch.setattr("sys.stderr", stream)
    configure("info")
    try:
        log = structlog.get_logger()
        log.info("engine.started")
        stream.close()
        # When something is to be told
        log.error("firing.bug", key="a/b")
    finally:
        structlog.reset_defaults()
    # Then what was told before is there, and nothing was raised
    assert "engine.started" in (tmp_path / "log").read_text()
