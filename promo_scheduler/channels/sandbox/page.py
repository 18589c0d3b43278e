"""The shop's page: what a buyer pays now, in every target. Plain HTML that refreshes itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from promo_scheduler.channels.sandbox.discount import Discount
from promo_scheduler.channels.sandbox.page_frame import FRAME
from promo_scheduler.channels.sandbox.store import Quote, Store
from promo_scheduler.pricing import minor_unit
from promo_scheduler.record import instant

_SHOWN = 200  # products on the page; /prices tells them all


def page(store: Store, now: datetime) -> str:
    """The whole page at this instant of the shop's clock."""
    sections = "".join(_section(store, target) for target in sorted(store.targets))
    on_sale = sum(bool(store.live_on(target)) for target in store.targets)
    return FRAME.substitute(
        clock=escape(now.strftime("%a %d %b %Y, %H:%M:%S")),
        instant=instant(now.replace(microsecond=0)),
        summary=_summary(on_sale, len(store.targets)),
        sections=sections
        or '<p class="empty">No market is open yet. It opens with its first discount.</p>',
    )


def _summary(on_sale: int, targets: int) -> str:
    if not targets:
        return "no markets yet"
    return f"{on_sale} of {targets} market{'s' * (targets != 1)} on sale"


def _section(store: Store, target: str) -> str:
    live = store.live_on(target)
    rows = "".join(_row(quote) for quote in _quotes(store, target))
    state = "sale" if live else "calm"
    return (
        f'<section class="{state}"><h2>{escape(target)} <small>{escape(store.targets[target])}'
        f"</small></h2>{_badges(live)}<table><caption>Prices in {escape(target)} now</caption>"
        '<thead><tr><th scope="col">Product</th><th scope="col">Price</th>'
        '<th scope="col">Change</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _badges(live: tuple[Discount, ...]) -> str:
    if not live:
        return '<p class="offers none">regular prices</p>'
    shown = "".join(f"<li>{escape(d.label or d.name)}{_until(d)}</li>" for d in live[:4])
    more = f"<li>and {len(live) - 4} more</li>" if len(live) > 4 else ""
    return f'<ul class="offers">{shown}{more}</ul>'


def _until(discount: Discount) -> str:
    if not discount.native or discount.end is None:
        return ""
    words = discount.end.strftime("until %d %b %H:%M UTC")
    return f' <time datetime="{instant(discount.end)}">{words}</time>'


def _row(quote: Quote) -> str:
    now = _money(quote.price, quote.currency)
    product = quote.product
    title = f"{escape(product.title or product.sku)} <small>{escape(product.sku)}</small>"
    if quote.price == quote.list_price:
        return f'<tr><th scope="row">{title}</th><td>{now}</td><td class="share"></td></tr>'
    before = _money(quote.list_price, quote.currency)
    return (
        f'<tr><th scope="row">{title}</th><td><s><span class="hidden">before </span>{before}</s> '
        f'<strong>{now}</strong></td><td class="share">{_share(quote)}</td></tr>'
    )


def _share(quote: Quote) -> str:
    share = (quote.price - quote.list_price) * 100 / quote.list_price if quote.list_price else 0
    return f"{share:+.0f} %".replace("-", "−")


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount.quantize(minor_unit(currency)):,}"


def _quotes(store: Store, target: str) -> Iterable[Quote]:
    found = (store.quote(product, target) for product in list(store.products.values())[:_SHOWN])
    return (quote for quote in found if quote is not None)


def prices_data(store: Store, now: datetime) -> dict[str, Any]:
    """What a buyer pays now, as plain data: by target, by SKU."""
    return {
        "now": instant(now),
        "targets": {target: _target_data(store, target) for target in sorted(store.targets)},
    }


def _target_data(store: Store, target: str) -> dict[str, Any]:
    found = (store.quote(product, target) for product in store.products.values())
    return {
        "currency": store.targets[target],
        "prices": {
            quote.product.sku: {
                "list": str(quote.list_price),
                "price": str(quote.price),
                "discount": quote.discount.name if quote.discount else None,
                "label": quote.discount.label if quote.discount else None,
            }
            for quote in found
            if quote is not None
        },
    }
