"""Tell systemd that the daemon is ready, alive, or stopping (`Type=notify`, `WatchdogSec=`).

Does nothing where NOTIFY_SOCKET is not set. Protocol: sd_notify(3).
"""

from __future__ import annotations

import os
import socket


def notify(message: str) -> None:
    """Send one state, such as `READY=1`, `WATCHDOG=1` or `STOPPING=1`."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.sendto(message.encode(), address)
