"""Whether two selections can mean the same product: exactly with a catalogue, else with caution."""

from __future__ import annotations

from collections.abc import Iterable

from promo_scheduler.catalog import Catalog, Product
from promo_scheduler.offer import Selection


class Products:
    """Answers about selections. Without a catalogue, what cannot be ruled out may be."""

    def __init__(self, catalog: Catalog, selections: Iterable[Selection]) -> None:
        """`selections` name SKUs that the catalogue may lack; they count as products as well."""
        self._known = bool(catalog)
        listed = {product.sku for product in catalog}
        named = {sku for selection in selections for sku in _named(selection)}
        self._products = (*catalog, *(Product(sku) for sku in sorted(named - listed)))
        self._skus: dict[Selection, frozenset[str] | None] = {}

    def skus(self, selection: Selection) -> frozenset[str] | None:
        """The SKUs that are meant; None where that cannot be told without a catalogue."""
        if selection not in self._skus:
            self._skus[selection] = self._resolve(selection)
        return self._skus[selection]

    def _resolve(self, selection: Selection) -> frozenset[str] | None:
        if self._known:
            return frozenset(p.sku for p in self._products if selection.includes(p))
        return _listed(selection)

    def may_share(self, one: Selection, other: Selection) -> bool:
        """Whether a product may be in both."""
        mine, theirs = self.skus(one), self.skus(other)
        if mine is not None and theirs is not None:
            return not mine.isdisjoint(theirs)
        if mine == frozenset() or theirs == frozenset():
            return False
        ruled_out = _rules_out(one, other) or _rules_out(other, one)
        return not (ruled_out or _other_categories(one, other))

    def covers(self, wide: Selection, narrow: Selection) -> bool:
        """Whether every product of `narrow` is certainly in `wide`."""
        mine, theirs = self.skus(wide), self.skus(narrow)
        if mine is not None and theirs is not None:
            return theirs <= mine
        return wide == narrow or (wide.excluded is None and _within(narrow, wide))


def _listed(selection: Selection) -> frozenset[str] | None:
    """The SKUs of a selection that lists nothing else; None of any other."""
    if not _by_sku_only(selection):
        return None
    excluded = _listed(selection.excluded) if selection.excluded else frozenset()
    return None if excluded is None else selection.skus - excluded


def _named(selection: Selection) -> frozenset[str]:
    return selection.skus | (_named(selection.excluded) if selection.excluded else frozenset())


def _by_sku_only(selection: Selection) -> bool:
    parts = selection.tags or selection.collections or selection.categories
    return not (selection.everything or parts)


def _within(narrow: Selection, wide: Selection) -> bool:
    """Whether every part that `narrow` names is named by `wide`; exclusions of neither count."""
    return wide.everything or (
        not narrow.everything
        and narrow.tags <= wide.tags
        and narrow.collections <= wide.collections
        and narrow.categories <= wide.categories
        and narrow.skus <= wide.skus
    )


def _rules_out(one: Selection, other: Selection) -> bool:
    """Whether `one` excludes, by the same names, everything that `other` names."""
    excluded = one.excluded
    return excluded is not None and excluded.excluded is None and _within(other, excluded)


def _other_categories(one: Selection, other: Selection) -> bool:
    """A product has one category: two selections by other categories share nothing."""
    return (
        _by_category_only(one)
        and _by_category_only(other)
        and one.categories.isdisjoint(other.categories)
    )


def _by_category_only(selection: Selection) -> bool:
    return not (selection.everything or selection.tags or selection.collections or selection.skus)
