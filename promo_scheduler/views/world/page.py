"""The world timeline as a page that stands alone: the picture, what speaks against it, the tables.

No script, and nothing is fetched.
"""

from __future__ import annotations

from promo_scheduler.errors import Problem
from promo_scheduler.plan import Finding
from promo_scheduler.views.words import clock, count
from promo_scheduler.views.world.markup import NOTHING, Markup, joined, tag, text
from promo_scheduler.views.world.scale import NARROW, Scale
from promo_scheduler.views.world.scene import World
from promo_scheduler.views.world.style import FONT
from promo_scheduler.views.world.svg import facts, title_of, world_picture
from promo_scheduler.views.world.tables import clock_rows, window_rows

WORDS = {"error": "error", "warn": "warning", "info": "note"}
STYLE = f"""
:root{{color-scheme:light dark}}
body{{margin:0 auto;padding:24px;max-width:1320px;font:14px/1.45 {FONT};
background:#fff;color:#17202b}}
h1{{font-size:24px;margin:0 0 4px}}h2{{font-size:17px;margin:32px 0 8px}}
p{{margin:0 0 16px}}figure{{margin:0 -16px;overflow-x:auto}}
figure svg{{display:block;max-width:100%;min-width:960px;height:auto}}
figure.wide svg{{max-width:none}}
.scroll{{overflow-x:auto}}table{{border-collapse:collapse;width:100%;margin:0 0 24px;
font-size:13px}}
caption{{text-align:left;font-weight:650;font-size:17px;padding:24px 0 8px}}
th,td{{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-bottom:1px solid #c9d0d9;
font-variant-numeric:tabular-nums}}
td{{white-space:pre-line}}td.t{{white-space:nowrap}}
thead th{{white-space:nowrap;border-bottom-width:2px}}
th[scope=row]{{font-weight:600;white-space:nowrap}}th[scope=rowgroup]{{padding-top:16px}}
ul{{padding-left:20px;margin:0 0 8px}}summary{{cursor:pointer}}li{{margin:0 0 6px}}
@media (prefers-color-scheme:dark){{body{{background:#0e141b;color:#e7edf4}}
th,td{{border-color:#34414f}}}}
@media print{{body{{padding:0;max-width:none;background:#fff;color:#000}}
figure,.scroll{{overflow:visible}}figure svg,figure.wide svg{{min-width:0;max-width:100%}}
tr{{break-inside:avoid}}}}
"""


def world_page(world: World) -> str:
    """The page, as a document."""
    title = f"{title_of(world)}: what will happen"
    head = tag(
        "head",
        joined(
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            tag("title", text(title)),
            tag("style", Markup(STYLE)),
        ),
    )
    return f"<!doctype html>\n{tag('html', head, _body(world, title), lang='en')}\n"


def _body(world: World, title: str) -> Markup:
    now = f"{world.now:%a} {world.now.day} {world.now:%b %Y} {clock(world.now)} UTC"
    return tag(
        "body",
        joined(
            tag("h1", text(title)),
            tag("p", text(f"{facts(world)} · drawn {now}")),
            tag("figure", world_picture(world, headed=False), class_=_wide(world)),
            _findings(world.plan.findings),
            *(_tables(world) if world.plan.windows else ()),
        ),
    )


def _tables(world: World) -> list[Markup]:
    return [tag("div", part, class_="scroll") for part in (window_rows(world), clock_rows(world))]


def _wide(world: World) -> str | None:
    """The class of a picture that is wider than a page: it is scrolled, not made too small."""
    windows = world.plan.windows
    return "wide" if windows and Scale.over(windows).width > NARROW else None


def _findings(findings: tuple[Finding, ...]) -> Markup:
    """What speaks against the plan, the errors first, notes folded; each once, with its regions."""
    regions: dict[Problem, list[str]] = {}
    for finding in findings:
        regions.setdefault(finding.problem, []).append(finding.region)
    by_level = {level: [p for p in regions if p.severity == level] for level in WORDS}
    serious = [_finding(p, regions[p]) for p in (*by_level["error"], *by_level["warn"])]
    notes = [_finding(p, regions[p]) for p in by_level["info"]]
    summary = tag("summary", text(count(len(notes), "note")))
    return joined(
        tag("h2", text("Findings")) if regions else NOTHING,
        tag("ul", joined(*serious)) if serious else NOTHING,
        tag("details", summary, tag("ul", joined(*notes))) if notes else NOTHING,
    )


def _finding(problem: Problem, regions: list[str]) -> Markup:
    where = f"{problem.place} " if problem.place else ""
    named = ", ".join(dict.fromkeys(filter(None, regions)))
    whom = f" ({named})" if named and named not in problem.message else ""
    way_out = f" {problem.help[:1].upper()}{problem.help[1:]}." if problem.help else ""
    lead = tag("strong", text(f"{WORDS[problem.severity]} {problem.code}"))
    return tag("li", lead, text(f" {where}{problem.message}{whom}.{way_out}"))
