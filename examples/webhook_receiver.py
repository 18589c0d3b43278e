"""A receiver for the webhook channel in one file: verifies each event, and takes it once.

    WEBHOOK_SECRET=whsec_... python webhook_receiver.py [PORT]

Prints one line for each event it takes: its type, key, generation and window.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 300  # seconds between the stamp and now
LARGEST = 1_000_000  # bytes of a body


def genuine(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the event was signed with our secret, not long ago."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    event_id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent_at.isdecimal() or abs(time.time() - int(sent_at)) > TOLERANCE:
        return False
    mac = hmac.digest(key, f"{event_id}.{sent_at}.".encode() + body, "sha256")
    good = "v1," + base64.b64encode(mac).decode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(good.encode(), one.encode()) for one in given)


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to a genuine event, also to one that comes again; 401 to any other."""

    secret = ""
    seen: set[str] = set()  # kept in a database by a receiver that restarts  # noqa: RUF012

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), LARGEST))
        if not genuine(self.secret, self.headers, body):
            self._answer(401)
            return
        event_id = self.headers["webhook-id"]
        if event_id not in self.seen:
            self.take(json.loads(body))
            self.seen.add(event_id)  # after it was taken: if taking fails, it comes again
        self._answer(204)

    def take(self, event: dict) -> None:
        data = event["data"]
        window = f"{data['start']} to {data['end']}"
        print(event["type"], data["key"], data["generation"], window, flush=True)  # noqa: T201

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: one line for each event is enough."""


def main() -> None:
    Receiver.secret = os.environ["WEBHOOK_SECRET"]
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8323
    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    print(f"listening at http://127.0.0.1:{server.server_port}/", flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
