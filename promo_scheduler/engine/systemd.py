"""Tell systemd that the daemon is ready, alive, or stopping (`Type=notify`, `WatchdogSec=`).

Does nothing where NOTIFY_SOCKET is not set. Protocol: sd_notify(3).
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(message: str) -> None:
    """Send one state, such as `READY=1`, `WATCHDOG=1` or `STOPPING=1`.

    Nobody listening, or not reading, must not keep anything from being fired.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    with suppress(OSError), socket.socket(socket.AF_UNIX, kind) as channel:
        channel.sendto(message.encode(), address)
