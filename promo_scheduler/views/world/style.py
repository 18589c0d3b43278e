"""The colours of the world timeline: light, dark, and on paper. Nothing is told by colour alone.

Classes, not CSS variables: what is no browser draws them too.
"""

from __future__ import annotations

from dataclasses import dataclass

FONT = 'system-ui,-apple-system,"Segoe UI","Noto Sans",Roboto,Helvetica,Arial,sans-serif'
# ink and tint of each phase, in light and in dark; told apart with every kind of colour vision
PHASES = (
    ("#0b5cad", "#cfe3f7", "#7db8f2", "#17385c"),
    ("#b93c0e", "#fbdccb", "#f5976b", "#57260f"),
    ("#056b50", "#c9ecdf", "#5fcfae", "#0e4034"),
    ("#7a2fa3", "#ecd6f6", "#cf95ee", "#43215a"),
    ("#7a5200", "#f4e4bd", "#e3bb5c", "#493407"),
    ("#0e6b80", "#cdeaf1", "#6fcbe0", "#0d3d4a"),
    ("#ab1256", "#f9d3e3", "#f28bb8", "#54142f"),
    ("#3b4757", "#dbe1e8", "#b3c0cf", "#2d3846"),
)


@dataclass(frozen=True, slots=True)
class Palette:
    """Every colour that is not a phase's."""

    page: str
    text: str
    dim: str
    rule: str
    day: str
    night: str
    hatch: str
    peak: str
    crest: str
    now: str
    letter: str


LIGHT = Palette(
    *("#ffffff", "#17202b", "#5a6675", "#c9d0d9", "#f6f8fa", "#dfe5ee", "#a9b5c6"),
    *("#ffecb8", "#c98a00", "#c4141c", "#ffffff"),
)
DARK = Palette(
    *("#0e141b", "#e7edf4", "#98a5b4", "#34414f", "#202b37", "#10171f", "#33414f"),
    *("#5c4a14", "#e0aa2c", "#ff7a7a", "#0e141b"),
)


def svg_style() -> str:
    """The picture's style sheet."""
    dark = f"@media (prefers-color-scheme:dark){{{_colours(DARK, dark=True)}}}"
    paper = f"@media print{{{_colours(LIGHT, dark=False)}*{{print-color-adjust:exact}}}}"
    return "\n".join((_shapes(), _colours(LIGHT, dark=False), dark, paper))


def _shapes() -> str:
    return (
        f"svg.promo{{font-family:{FONT};font-size:11px}}"
        ".h1{font-size:20px;font-weight:650}.h2{font-size:12px}.b{font-weight:650}"
        ".name{font-size:13px;font-weight:650}.s{font-size:9.5px}"
        ".badge{font-size:10px;font-weight:700;text-anchor:middle}.mid{text-anchor:middle}"
        ".halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}"
        ".midnight{stroke-width:1}.grid{stroke-width:.6;stroke-dasharray:1 3}"
        ".change{stroke-width:1.4;stroke-dasharray:4 2}.now{stroke-width:2;stroke-opacity:.75}"
        ".stopped{stroke-dasharray:3 2;fill-opacity:.35}.num{font-variant-numeric:tabular-nums}"
        + "".join(f".p{n}{{fill:url(#promo-p{n})}}" for n in range(len(PHASES)))
        + ".night{fill:url(#promo-night)}"
    )


def _colours(palette: Palette, *, dark: bool) -> str:
    p = palette
    rules = (
        f".page{{fill:{p.page}}}text{{fill:{p.text}}}.dim{{fill:{p.dim}}}",
        f".rule{{stroke:{p.rule}}}.grid,.tick{{stroke:{p.dim}}}.midnight{{stroke:{p.dim}}}",
        f".day{{fill:{p.day}}}.nf{{fill:{p.night}}}.nl{{stroke:{p.hatch};stroke-width:1}}",
        f".peak{{fill:{p.peak}}}.crest{{fill:{p.crest}}}",
        f".change{{stroke:{p.text}}}.tagged{{fill:{p.page};stroke:{p.text}}}",
        f".now{{stroke:{p.now}}}.nowflag{{fill:{p.now}}}.onink{{fill:{p.letter}}}",
        f".sky{{stroke:{p.day}}}",
        f".warn{{fill:{p.page};stroke:{p.text}}}",
    )
    return "".join(rules) + "".join(
        _phase(n, *(colours[2:] if dark else colours[:2])) for n, colours in enumerate(PHASES)
    )


def _phase(number: int, ink: str, tint: str) -> str:
    return (
        f".t{number}{{fill:{tint}}}.k{number}{{fill:{ink}}}"
        f".l{number}{{stroke:{ink};stroke-opacity:.55;fill:none}}"
        f".e{number}{{stroke:{ink};stroke-width:1.2}}.o{number}{{stroke:{tint}}}"
    )
