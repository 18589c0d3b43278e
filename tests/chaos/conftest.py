"""The chaos tests' own folder is importable; scenarios are played side by side."""

import os
import sys
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)


@pytest.fixture
def processes():
    """Every process that a test forks, killed at its end however it ends."""
    import zygote

    with zygote.keeping() as kept:
        yield kept


@pytest.fixture(scope="session")
def played(request, tmp_path_factory):
    """Call it with a scenario: it has been playing since the first one was asked for."""
    from scenarios import Playing, selected

    chosen = selected(request.session)
    os.environ["PROMO_AUDIT_KEY"] = "a key for the tests of chaos"  # of machines on one ledger
    server = None
    if any(scenario.postgresql for scenario in chosen):
        server = request.getfixturevalue("postgresql")
    playing = Playing(chosen, tmp_path_factory.mktemp("chaos"), server)
    yield playing
    playing.close()
    del os.environ["PROMO_AUDIT_KEY"]
