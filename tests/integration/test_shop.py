"""The sandbox shop over real HTTP: clock, log, faults, page, and its own restart."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from promo_scheduler.channels.act import act
from promo_scheduler.channels.sandbox.catalogue import DEFAULT_SEED, ShopSeed
from promo_scheduler.channels.sandbox.connector import SandboxConnector
from promo_scheduler.channels.sandbox.control import ShopControl
from promo_scheduler.channels.sandbox.faults import Faults
from promo_scheduler.channels.sandbox.running import start_shop
from promo_scheduler.channels.sandbox.shop import ShopOptions
from promo_scheduler.connector import (
    AuthExpired,
    ChannelError,
    Invalid,
    NotEligible,
    Observed,
    OutcomeUnknown,
    RateLimited,
    Retryable,
)
from promo_scheduler.plan import Action
from promo_scheduler.testing import a_channel, a_firing, a_request, a_window, an_offer

ROOT = Path(__file__).parents[2]
EVE = datetime(2026, 11, 10, 22, tzinfo=UTC)
START = datetime(2026, 11, 10, 23, tzinfo=UTC)
END = datetime(2026, 11, 11, 23, tzinfo=UTC)
SEED = ShopSeed(DEFAULT_SEED.products, {"de": "EUR", "jp": "JPY"})
WINDOW = a_window(start=START, end=END)


class Street:
    """A shop, a connector to it, and a hand on its control port."""

    def __init__(self, shop, native="true"):
        self.url = shop.url
        self.control = ShopControl(shop.url)
        settings = {"url": shop.url, "native": native, "timeout": "1"}
        self.connector = SandboxConnector(a_channel(), settings)

    async def do(self, action, window=WINDOW):
        return await act(self.connector, a_firing(action, window))

    async def kinds(self):
        return [(e.kind, e.by, e.at) for e in await self.control.effects()]

    async def price(self, sku="A-100", target="de"):
        prices = {(p.target, p.sku): p.price for p in await self.control.prices()}
        return prices[target, sku]


@asynccontextmanager
async def street(native="true", **options):
    shop = await start_shop(ShopOptions(**{"seed": SEED, "starts_at": EVE, **options}))
    here = Street(shop, native)
    try:
        yield here
    finally:
        await here.connector.close()
        await here.control.close()
        await shop.aclose()


async def answer(url, method="GET", body=None, **headers):
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, data=body, headers=headers) as response,
    ):
        return response.status, await response.text()


# ── what a buyer pays ───────────────────────────────────────────────────────────────────────────
async def test_a_staged_window_changes_the_price_by_itself_at_its_own_instants():
    async with street() as here:
        receipt = await here.do(Action.STAGE)
        assert receipt.observed.state is Observed.SCHEDULED
        regular = await here.price()
        await here.control.move_to(START)
        assert await here.price() == round(regular * 3 / 4, 2)
        await here.control.move_to(END)
        assert await here.price() == regular
        assert (await here.kinds())[1:] == [
            ("went_live", "window", START),
            ("ended", "window", END),
        ]


async def test_a_toggle_changes_the_price_when_it_is_called_and_not_before():
    async with street(native="false") as here:
        regular = await here.price()
        await here.control.move_to(START)
        await here.do(Action.ACTIVATE)
        assert await here.price() < regular
        await here.control.move_to(END + timedelta(days=9))
        assert await here.price() < regular  # nobody has ended it yet
        await here.do(Action.DEACTIVATE)
        assert await here.price() == regular
        kinds = [(kind, by) for kind, by, _ in await here.kinds()]
        assert kinds == [("created", "edit"), ("went_live", "toggle"), ("ended", "toggle")]


async def test_activating_what_has_begun_by_itself_changes_nothing_in_the_shop():
    async with street() as here:
        await here.do(Action.STAGE)
        await here.control.move_to(START)
        before = await here.kinds()
        receipt = await here.do(Action.ACTIVATE)
        assert receipt.observed.state is Observed.ACTIVE
        assert await here.kinds() == before


async def test_activating_while_the_shops_clock_is_behind_is_tried_again():
    async with street() as here:
        with pytest.raises(Retryable, match="expected active, found scheduled"):
            await here.do(Action.ACTIVATE)


async def test_doubles_on_the_shop_are_reduced_to_one():
    async with street() as here:
        await here.control.move_to(START)
        await here.do(Action.ACTIVATE)
        _, listed = await answer(f"{here.url}/discounts")
        (first,) = json.loads(listed)["discounts"]
        await answer(f"{here.url}/discounts", "POST", json.dumps({**first, "id": "ignored"}))
        receipt = await here.do(Action.ACTIVATE)
        assert receipt.removed == ("2",)
        effects = await here.control.effects()
        assert [(e.kind, e.id) for e in effects][-1] == ("ended", "2")


async def test_a_channel_that_targets_zones_has_a_place_for_each_of_them():
    async with street(seed=DEFAULT_SEED) as here:
        for zone in ("America/New_York", "America/Denver", "-"):
            await here.do(Action.STAGE, a_window(key=WINDOW.key._replace(zone=zone), target="us"))
        places = {p.target for p in await here.control.prices()}
        assert places == {"us@America/New_York", "us@America/Denver", "us"}


# ── clock ───────────────────────────────────────────────────────────────────────────────────────
async def test_the_clock_runs_on_from_where_it_was_set_and_never_goes_back():
    async with street() as here:
        assert EVE <= await here.control.clock() < EVE + timedelta(seconds=30)
        moved = await here.control.move_to(END)
        assert await here.control.move_to(EVE) >= moved
        assert await here.control.clock() >= moved


async def test_a_jump_is_acknowledged_after_all_on_its_way_is_logged(tmp_path):
    log = tmp_path / "shop.jsonl"
    async with street(log=log) as here:
        await here.do(Action.STAGE)
        await here.control.move_to(END)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert [(line["seq"], line["kind"]) for line in lines] == [
            (1, "created"), (2, "went_live"), (3, "ended"),
        ]  # fmt: skip
        assert lines[1]["at"] == "2026-11-10T23:00:00Z"
        assert (lines[1]["before"], lines[1]["after"]) == ("179.55", "134.66")
        assert [e.seq for e in await here.control.effects(after=1)] == [2, 3]


async def test_a_naive_or_senseless_instant_is_refused():
    async with street() as here:
        for now in ('"2026-11-11T00:00:00"', '"soon"', "null", "7"):
            status, text = await answer(f"{here.url}/control/clock", "POST", f'{{"now": {now}}}')
            assert (status, json.loads(text)["code"]) == (422, "invalid")


async def test_the_shop_notices_by_itself_that_a_window_has_begun(tmp_path):
    log = tmp_path / "shop.jsonl"
    async with street(log=log) as here:
        soon = await here.control.clock() + timedelta(milliseconds=100)
        await here.do(Action.STAGE, a_window(start=soon, end=END))
        async with asyncio.timeout(10):
            while "went_live" not in log.read_text():
                await asyncio.sleep(0.02)


# ── faults ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(rate_429=1, retry_after=3), RateLimited),
        (Faults(rate_500=1), Retryable),
        (Faults(lost_answers=1), OutcomeUnknown),
    ],
)
async def test_a_fault_on_demand_reaches_the_connector_and_ends_on_demand(faults, error):
    async with street() as here:
        await here.control.faults(faults)
        with pytest.raises(ChannelError) as caught:
            await here.do(Action.STAGE)
        assert type(caught.value) is error
        await here.control.faults(Faults())
        await here.do(Action.STAGE)
        created = [kind for kind, _, _ in await here.kinds() if kind == "created"]
        assert created == ["created"]


async def test_how_long_to_wait_comes_through():
    async with street() as here:
        await here.control.faults(Faults(rate_429=1, retry_after=3))
        with pytest.raises(RateLimited) as caught:
            await here.do(Action.STAGE)
        assert caught.value.retry_after == timedelta(seconds=3)


async def test_a_lost_answer_comes_after_the_effect():
    async with street() as here:
        await here.control.faults(Faults(lost_answers=1))
        with pytest.raises(OutcomeUnknown):
            await here.do(Action.STAGE)
        assert [kind for kind, _, _ in await here.kinds()] == ["created"]


async def test_latency_beyond_the_timeout_leaves_the_outcome_open():
    async with street() as here:
        ref = await here.connector.ensure(a_request(start=START, end=END))
        await here.control.faults(Faults(latency_ms=1500))
        with pytest.raises(OutcomeUnknown):
            await here.connector.deactivate(ref)


@pytest.mark.parametrize("field", ["start", "end", "offer"])
async def test_a_field_that_the_shop_silently_ignores_is_noticed(field):
    async with street() as here:
        await here.control.move_to(START)
        await here.control.faults(Faults(ignore_field=field))
        with pytest.raises(Invalid, match="value" if field == "offer" else field):
            await here.do(Action.ACTIVATE)


async def test_the_same_seed_gives_the_same_faults():
    async def statuses(here):
        await here.control.faults(Faults(rate_500=0.5, seed=7))
        return [(await answer(f"{here.url}/discounts?name=x"))[0] for _ in range(20)]

    async with street() as here:
        first = await statuses(here)
        assert await statuses(here) == first
        assert set(first) == {200, 500}


async def test_waiting_for_a_free_connection_is_not_time_that_the_channel_took():
    async with street() as here:
        await here.control.faults(Faults(latency_ms=150))
        names = [f"promo-{n}" for n in range(80)]  # ten rounds of eight: 1.5 s, the timeout is 1 s
        found = await asyncio.gather(*map(here.connector.find, names))
        assert found == [()] * 80


# ── what it refuses ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid"),
        (b"[]", 400, "invalid"),
        (b"\xff", 400, "invalid"),
        (b"[" * 100_000, 400, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"name": "k", "target": "de", "currency": "EUR", "rank": "high"}', 422, "invalid"),
        (b'{"name": "k", "target": "de", "currency": "EUR", "offer": 7}', 422, "invalid"),
        (b'{"name": "k", "target": "mars", "currency": "EUR"}', 422, "unknown_target"),
        (b'{"name": "k", "target": "de", "currency": "USD"}', 422, "wrong_currency"),
        (
            b'{"name":"k","target":"de","currency":"EUR","start":"2026-01-02T00Z","end":"2026-01-01T00Z"}',
            422, "window_inverted",
        ),
    ],
)  # fmt: skip
async def test_a_bad_discount_is_refused_in_a_sentence(body, status, code):
    async with street() as here:
        found, text = await answer(f"{here.url}/discounts", "POST", body)
        assert (found, json.loads(text)["code"]) == (status, code)
        assert await here.kinds() == []


async def test_the_code_in_the_shops_answer_reaches_the_caller():
    async with street() as here:
        with pytest.raises(NotEligible, match="unknown_target"):
            await here.connector.ensure(a_request(target="mars"))


async def test_without_its_token_the_shop_shows_prices_and_nothing_else():
    async with street(token="abc") as here:
        for path in ("/discounts", "/log", "/control/clock", "/products", "/health"):
            assert (await answer(here.url + path))[0] == 401
            assert (await answer(here.url + path, Authorization="Bearer nope"))[0] == 401
            assert (await answer(here.url + path, Authorization="Bearer abc"))[0] == 200
        for path in ("/", "/prices"):
            assert (await answer(here.url + path))[0] == 200
        with pytest.raises(AuthExpired):
            await here.do(Action.STAGE)


async def test_an_unknown_place_is_not_found():
    async with street() as here:
        for method, path in (("GET", "/nowhere"), ("PATCH", "/discounts/1"), ("PUT", "/prices")):
            assert (await answer(here.url + path, method))[0] == 404


# ── goods ───────────────────────────────────────────────────────────────────────────────────────
async def test_a_shop_without_a_seed_opens_a_target_with_its_first_discount():
    async with street(seed=DEFAULT_SEED) as here:
        assert await here.control.prices() == ()
        await here.do(Action.STAGE)
        assert {p.target for p in await here.control.prices()} == {"de"}


async def test_products_and_targets_can_be_added():
    async with street(seed=ShopSeed(())) as here:
        goods = {"products": [{"sku": "X", "prices": {"USD": "10"}}], "targets": {"us": "USD"}}
        assert (await answer(f"{here.url}/products", "POST", json.dumps(goods)))[0] == 200
        assert await here.price("X", "us") == 10


# ── page ────────────────────────────────────────────────────────────────────────────────────────
async def test_the_page_shows_old_price_new_price_and_label_and_nothing_a_label_smuggles_in():
    async with street() as here:
        await here.control.move_to(START)
        await here.do(Action.ACTIVATE, a_window(start=START, end=END, label="<b>11.11</b> & more"))
        status, text = await answer(here.url + "/")
        assert status == 200
        assert '<s><span class="hidden">before </span>179.55</s> <strong>134.66</strong>' in text
        assert "&lt;b&gt;11.11&lt;/b&gt; &amp; more" in text
        assert "until 11 Nov 23:00 UTC" in text
        assert "1 of 2 markets on sale" in text


# ── restart ─────────────────────────────────────────────────────────────────────────────────────
async def test_a_restarted_shop_still_has_its_discounts_and_tells_what_began_meanwhile(tmp_path):
    files = {"state": tmp_path / "state.json", "log": tmp_path / "shop.jsonl"}
    async with street(**files) as here:
        await here.do(Action.STAGE)
        await here.control.move_to(START)
        await here.connector.ensure(a_request(natural_key="promo-x", start=START, end=END))
    async with street(**files) as here:
        assert [e.kind for e in await here.control.effects()] == []
        assert await here.control.clock() >= START
        receipt = await here.do(Action.ACTIVATE)
        assert receipt.observed.state is Observed.ACTIVE
        await here.control.move_to(END)
        assert [e.kind for e in await here.control.effects()] == ["ended", "ended"]
    lines = [json.loads(line) for line in files["log"].read_text().splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert not (tmp_path / "state.json.new").exists()


async def test_the_shop_runs_by_itself_and_stops_when_told(tmp_path):
    command = [sys.executable, "-m", "promo_scheduler.channels.sandbox", "--port", "0"]
    command += [
        "--mode",
        "toggle",
        "--log",
        str(tmp_path / "shop.jsonl"),
        "--now",
        "2026-11-10T22:00Z",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(  # noqa: ASYNC220 (a process of its own is what is tested)
        command, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        url = process.stdout.readline().split()[-1]
        connector = SandboxConnector(a_channel(), {"url": url, "native": "false"})
        await act(connector, a_firing(Action.ACTIVATE, WINDOW))
        health = await connector.health()
        assert "2026-11-10T22:00" in health.detail
        await connector.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert '"kind":"went_live"' in (tmp_path / "shop.jsonl").read_text()


async def test_a_thousand_discounts_at_once_are_all_made_and_found():
    async with street() as here:
        requests = [
            a_request(
                natural_key=f"promo-{n}", offer=an_offer("5", f"A-{n % 5}00"), start=START, end=END
            )
            for n in range(1000)
        ]
        refs = await asyncio.gather(*(here.connector.ensure(one) for one in requests))
        assert len({ref.id for ref in refs}) == 1000
        await here.control.move_to(START)
        live = [e for e in await here.control.effects() if e.kind == "went_live"]
        assert len(live) == 1000
        assert {e.at for e in live} == {START}


# ── own prices ──────────────────────────────────────────────────────────────────────────────────
async def test_a_product_has_a_price_of_its_own_in_each_target_and_the_log_tells_each_change():
    async with street() as here:
        await here.control.set_price("de", "A-100", "99.50")
        await here.control.set_price("de", "A-100", "99.50")
        assert (await here.price("A-100"), await here.price("A-200")) == (
            Decimal("99.50"),
            Decimal("236.55"),
        )
        (effect,) = await here.control.effects()
        assert (effect.kind, effect.target, effect.sku) == ("priced", "de", "A-100")
        assert (effect.before, effect.after, effect.currency) == (
            Decimal("179.55"),
            Decimal("99.50"),
            "EUR",
        )


async def test_a_discount_counts_from_the_price_that_was_set():
    async with street("false") as here:
        await here.control.set_price("de", "A-100", "100")
        await here.do(Action.ACTIVATE)
        assert await here.price("A-100") == Decimal("75.00")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/targets/de/prices", '{"prices": {"NEW": "1"}}', "unknown_product"),
        ("/targets/de/prices", '{"prices": {"A-100": "cheap"}}', "invalid"),
        ("/targets/de/prices", '{"prices": {"A-100": "-1"}}', "invalid"),
        ("/targets/de/prices", '{"prices": {"A-100": "NaN"}}', "invalid"),
        ("/targets/de/prices", '{"prices": ["A-100"]}', "invalid"),
        ("/targets/mars/prices", '{"prices": {"A-100": "1"}}', "unknown_target"),
    ],
)
async def test_prices_that_the_shop_refuses_change_nothing(path, body, code):
    async with street() as here:
        status, told = await answer(here.url + path, "PUT", body)
        assert status == 422
        assert json.loads(told)["code"] == code
        assert await here.control.effects() == ()


async def test_one_wrong_price_keeps_all_of_them_from_being_set():
    async with street() as here:
        await answer(here.url + "/targets/de/prices", "PUT", '{"prices": {"A-100": "1", "X": "1"}}')
        assert await here.price("A-100") == Decimal("179.55")


async def test_prices_outlast_the_shop(tmp_path):
    state = tmp_path / "state.json"
    async with street(state=state) as here:
        await here.control.set_price("de", "A-100", "99.50")
    async with street(state=state) as again:
        assert await again.price("A-100") == Decimal("99.50")
