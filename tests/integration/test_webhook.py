"""The webhook channel against the receiver that its documentation shows, as a real process."""

import base64
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from promo_scheduler.channels import webhook
from promo_scheduler.channels.act import act
from promo_scheduler.channels.webhook import WebhookConnector, signed
from promo_scheduler.connector import (
    AuthExpired,
    Invalid,
    NotEligible,
    Observed,
    RateLimited,
    Retryable,
)
from promo_scheduler.plan import Action
from promo_scheduler.testing import a_channel, a_firing

ROOT = Path(__file__).parents[2]
KEY = b"a key of twenty-four byt"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
OTHER = "whsec_" + base64.b64encode(b"another key of some size").decode()


def connector(url, secret=SECRET):
    return WebhookConnector(a_channel(), {"url": url, "secret": secret, "timeout": "2"})


@pytest.fixture
def receiver():
    """The example's receiver on a free port; its url, and the lines it prints."""
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET}
    command = [sys.executable, str(ROOT / "examples" / "webhook_receiver.py"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process.stdout.readline().split()[-1], process.stdout
        process.terminate()


@asynccontextmanager
async def recorder(*statuses, **headers):
    """A receiver that keeps what it gets and answers these statuses, the last one for ever."""
    got, waiting = [], list(statuses)

    async def handle(request):
        got.append((request.headers, await request.read()))
        status = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return web.Response(status=status, headers=headers)

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook/with-a-secret-path", got
    finally:
        await runner.cleanup()


async def test_the_documented_receiver_takes_each_event_once(receiver):
    url, printed = receiver
    there = connector(url)
    receipt = await act(there, a_firing())
    assert receipt.observed.state is Observed.UNKNOWN
    await act(there, a_firing())  # again, as after a lost answer
    await act(there, a_firing(Action.DEACTIVATE))
    await there.close()
    lines = [printed.readline().split() for _ in range(2)]
    assert [line[0] for line in lines] == ["promotion.activated", "promotion.ended"]
    assert lines[0][1:] == [
        a_firing().natural_key,
        "1",
        "2020-01-01T00:00:00Z",
        "to",
        "2090-01-01T00:00:00Z",
    ]


async def test_the_documented_receiver_refuses_another_secret(receiver):
    url, _ = receiver
    stranger = connector(url, OTHER)
    with pytest.raises(AuthExpired):
        await act(stranger, a_firing())
    await stranger.close()


@pytest.mark.parametrize("age", [-3600, 3600])
async def test_the_documented_receiver_refuses_an_old_event(receiver, age):
    url, _ = receiver
    headers = signed(KEY, "old-1", int(time.time()) + age, b"{}")
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=b"{}", headers=headers) as response,
    ):
        assert response.status == 401


def test_the_snippet_in_the_documentation_works_as_it_is_shown():
    shown = webhook.__doc__.splitlines()
    first = next(n for n, line in enumerate(shown) if line.startswith("    def genuine"))
    space = {"base64": base64, "hmac": hmac, "time": time, "Mapping": Mapping}
    exec("\n".join(line[4:] for line in shown[first:]), space)
    genuine, now = space["genuine"], int(time.time())
    good = signed(KEY, "id-1", now, b"body")
    assert genuine(SECRET, good, b"body")
    assert not genuine(SECRET, good, b"bodY")
    assert not genuine(SECRET, {**good, "webhook-id": "id-2"}, b"body")
    assert not genuine(OTHER, good, b"body")
    assert not genuine(SECRET, signed(KEY, "id-1", now - 3600, b"body"), b"body")


def test_a_signature_is_the_one_that_the_convention_gives_as_its_example():
    """Its published example: secret, id, timestamp, body, and the signature they must give."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_the_id_is_the_same_for_a_repeat_and_another_for_another_generation():
    firing = a_firing()
    second = replace(firing, event=firing.event._replace(generation=2))
    async with recorder(204) as (url, got):
        there = connector(url)
        for one in (firing, firing, second, a_firing(Action.DEACTIVATE)):
            await act(there, one)
        await there.close()
    key = firing.natural_key
    assert [headers["webhook-id"] for headers, _ in got] == [
        f"{key}-activated-1", f"{key}-activated-1", f"{key}-activated-2", f"{key}-ended-1",
    ]  # fmt: skip
    assert got[0][1] == got[1][1]


async def test_an_event_says_all_that_a_receiver_needs():
    async with recorder(204) as (url, got):
        there = connector(url)
        await act(there, a_firing())
        await there.close()
    event = json.loads(got[0][1])
    assert event["type"] == "promotion.activated"
    assert event["data"] == {
        "key": a_firing().natural_key, "generation": 1, "label": "Double 11", "region": "de",
        "zone": "", "target": "de", "currency": "EUR",
        "start": "2020-01-01T00:00:00Z", "end": "2090-01-01T00:00:00Z",
        "offer": {"percent": "25", "products": {"all": True}}, "rank": [0, 0], "stack": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "error"), [(410, NotEligible), (500, Retryable), (400, Invalid), (302, Invalid)]
)
async def test_what_a_receiver_answers_is_told_without_its_url(status, error):
    async with recorder(status, Location="http://127.0.0.1:9/") as (url, _):
        there = connector(url)
        with pytest.raises(error) as caught:
            await act(there, a_firing())
        await there.close()
    assert "secret-path" not in str(caught.value)


async def test_a_receiver_that_asks_to_wait():
    async with recorder(429, **{"Retry-After": "9"}) as (url, _):
        there = connector(url)
        with pytest.raises(RateLimited) as caught:
            await act(there, a_firing())
        await there.close()
    assert caught.value.retry_after.total_seconds() == 9


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_***", "whsec_c2hvcnQ=", base64.b64encode(KEY).decode()]
)
def test_a_secret_of_another_shape_is_refused_and_not_told(secret):
    with pytest.raises(Invalid) as caught:
        connector("http://127.0.0.1:9/", secret)
    assert not secret or secret == "whsec_" or secret not in str(caught.value)
