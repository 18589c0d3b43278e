"""The frame of the shop's page: its style, its clock, and the few lines that refresh it."""

from __future__ import annotations

from string import Template

FRAME = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox shop</title>
<noscript><meta http-equiv="refresh" content="2"></noscript>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --ground: #f6f5f2; --card: #fff; --ink: #1d1c1a; --quiet: #68655f;
  --line: #e4e1da; --sale: #a8321a; --wash: #fdf0ec; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #161513; --card: #201f1c; --ink: #f0eee9; --quiet: #a5a19a; --line: #35332f;
    --sale: #ff9c82; --wash: #3a231d; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main { max-width: 82rem; margin: 0 auto; padding: 0 1.5rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.5rem;
  padding-top: 2rem; padding-bottom: 1.25rem; }
h1 { margin: 0; font-size: 1.5rem; font-weight: 650; letter-spacing: -.015em; }
header p { margin: 0; color: var(--quiet); }
header time { font-variant-numeric: tabular-nums; }
.clock { margin-left: auto; }
main { display: grid; gap: 1rem; align-items: start; padding-bottom: 3rem;
  grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); }
section { background: var(--card); border: 1px solid var(--line); border-top: 3px solid var(--line);
  border-radius: .5rem; padding: 1rem 1.25rem .75rem; }
section.sale { border-top-color: var(--sale); }
h2 { margin: 0; font-size: 1.125rem; font-weight: 650; }
small { color: var(--quiet); font-size: .8125rem; font-weight: 400; }
.offers { margin: .5rem 0 .75rem; padding: 0; list-style: none; font-size: .875rem;
  min-height: 1.75rem; }
.offers.none { color: var(--quiet); }
.offers li { display: inline-block; margin: 0 .375rem .25rem 0; padding: .0625rem .5rem;
  border-radius: .25rem; background: var(--wash); color: var(--sale); font-weight: 600; }
.offers li time { font-weight: 400; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption, thead, .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
th, td { padding: .375rem 0; border-top: 1px solid var(--line); vertical-align: baseline; }
th { text-align: left; font-weight: 400; }
th small { white-space: nowrap; }
td { text-align: right; white-space: nowrap; padding-left: 1rem; }
s { color: var(--quiet); margin-right: .25rem; font-size: .875rem; }
strong { color: var(--sale); font-weight: 650; }
.share { width: 3.75rem; padding-left: 0; color: var(--sale); font-size: .8125rem; }
.empty { color: var(--quiet); }
</style>
</head>
<body>
<header><h1>Sandbox shop</h1><p id="summary">$summary</p>
<p class="clock">its clock: <time id="clock" datetime="$instant">$clock UTC</time></p></header>
<main id="prices">$sections</main>
<script>
async function refresh() {
  try {
    const answer = await fetch("/", { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["summary", "clock", "prices"]) {
      const here = document.getElementById(id), there = fresh.getElementById(id);
      if (here.innerHTML !== there.innerHTML) here.innerHTML = there.innerHTML;
    }
    document.title = "Sandbox shop";
  } catch { document.title = "Sandbox shop (closed)"; }
  setTimeout(refresh, 1000);
}
setTimeout(refresh, 1000);
</script>
</body>
</html>
""")
