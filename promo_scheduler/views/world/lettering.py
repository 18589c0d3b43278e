"""How wide words are in the picture, and how much of them fits."""

from __future__ import annotations

from rich.cells import cell_len

from promo_scheduler.views.words import plain

WIDTH = 0.545  # of a letter, by its size: a little more than most fonts' average


def width_of(words: str, size: float = 11) -> float:
    """About how wide words are at a font size; East Asian letters are twice as wide."""
    return cell_len(plain(words)) * size * WIDTH


def fitting(words: str, room: float, size: float = 11) -> str:
    """The words, cut where there is no room for all of them."""
    words = plain(words)
    if width_of(words, size) <= room:
        return words
    while words and width_of(f"{words}…", size) > room:
        words = words[:-1]
    return f"{words.rstrip()}…"
