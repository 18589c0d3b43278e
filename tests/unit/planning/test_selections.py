"""Whether two selections may share a product, with and without a catalogue."""

import pytest

from promo_scheduler.catalog import Product
from promo_scheduler.offer import Selection
from promo_scheduler.planning.selections import Products


def some(**parts):
    return Selection(
        **{n: v if isinstance(v, Selection | bool) else frozenset(v) for n, v in parts.items()}
    )


ALL = some(everything=True)
WINTER, SUMMER = some(tags=["winter"]), some(tags=["summer"])
CATALOG = (
    Product("A", tags=frozenset({"winter"}), category="coats"),
    Product("B", tags=frozenset({"winter", "summer"}), category="coats"),
    Product("C", tags=frozenset({"summer"}), category="hats"),
)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (some(skus=["A"]), some(skus=["A", "B"]), True),
        (some(skus=["A"]), some(skus=["B"]), False),
        (some(skus=["A"]), some(tags=["winter"], excluded=some(skus=["A", "B"])), False),
        (some(skus=["A", "C"]), some(tags=["winter"], excluded=some(skus=["A"])), True),
        (some(skus=["A"]), WINTER, True),  # A may well be tagged winter
        (WINTER, SUMMER, True),
        (WINTER, some(everything=True, excluded=WINTER), False),
        (WINTER, some(everything=True, excluded=SUMMER), True),
        (some(categories=["coats"]), some(categories=["hats"]), False),
        (some(categories=["coats"]), some(categories=["coats", "hats"]), True),
        (some(categories=["coats"]), some(categories=["hats"], tags=["winter"]), True),
        (some(collections=["x"]), some(collections=["y"]), True),
        (some(skus=["A"], excluded=some(skus=["A"])), ALL, False),
        (some(skus=["A"]), some(everything=True, excluded=some(everything=True)), False),
    ],
)
def test_without_a_catalogue_only_what_is_ruled_out_is_not_shared(one, other, shared):
    products = Products((), [one, other])

    assert products.may_share(one, other) is shared
    assert products.may_share(other, one) is shared


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (WINTER, SUMMER, True),  # B is both
        (some(tags=["winter"], excluded=some(skus=["B"])), SUMMER, False),
        (some(skus=["C"]), WINTER, False),
        (some(skus=["A"]), WINTER, True),
        (some(skus=["new"]), ALL, True),  # the catalogue does not know it yet
        (some(skus=["new"]), some(categories=["coats"]), False),
    ],
)
def test_with_a_catalogue_the_products_decide(one, other, shared):
    products = Products(CATALOG, [one, other])

    assert products.may_share(one, other) is shared
    assert products.may_share(other, one) is shared


@pytest.mark.parametrize("catalog", [(), CATALOG])
def test_a_selection_covers_what_is_certainly_inside_it(catalog):
    a, both, rest = (
        some(skus=["A"]),
        some(skus=["A", "B"]),
        some(tags=["winter"], excluded=some(skus=["B"])),
    )
    products = Products(catalog, [a, both, rest, ALL, WINTER])

    assert products.covers(both, a)
    assert not products.covers(a, both)
    assert products.covers(ALL, WINTER)
    assert products.covers(WINTER, rest)
    assert not products.covers(rest, WINTER)
    assert products.covers(WINTER, a) is bool(catalog)
