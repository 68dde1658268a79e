#!/usr/bin/env python3
"""Makes of build/peers/results.csv one page, index.html, that needs nothing else: no request leaves it, light and dark follow the
reader's system. And tables.md, the same figures to be pasted into bench/RESULTS.md."""
import html
import io
import json
import pathlib
import re
import sys

import matplotlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import figures  # noqa: E402
import plan  # noqa: E402

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

# Colours of the drawing stand for words of the style sheet, which knows whether it is dark.
WORDS = {"#010101": "var(--ink)", "#020202": "var(--line)", "#030303": "var(--shale)", "#040404": "var(--other)",
         "#050505": "var(--quiet)"}
INK, LINE, SHALE, OTHER, QUIET = WORDS
GROUPS = {"seeds": "The seeds' workload", "ycsb": "YCSB", "dbbench": "db_bench", "sync": "Every write durable", "scans": "Scans",
          "ttl": "Keys that live for a second", "open": "Open and recovery", "caches": "In memory alone", "long": "A minute a phase"}
DETAILS = [("ops_per_s", "ops/s"), ("cpu_us_per_op", "CPU µs/op"), ("p50_us", "p50 µs"), ("p99_us", "p99 µs"), ("p999_us", "p99.9 µs"),
           ("max_us", "max µs"), ("written_bytes_per_op", "written B/op"), ("rss_peak_mib", "peak RSS MiB"),
           ("disk_mib", "disk MiB"), ("space", "disk / live")]
STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --quiet: #59636e; --line: #d8dee4; --page: #ffffff; --card: #f6f8fa;
  --shale: #b4540a; --other: #7d8ea3; --good: #1a7f37; --bad: #c1121f; --near: #8a6100; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #9aa4af; --line: #343b44; --page: #0f1318; --card: #171c23;
  --shale: #f0883e; --other: #6b7f96; --good: #4cc26a; --bad: #ff7b72; --near: #d9a441; } }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; margin-bottom: .2rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
h3 { margin: 1.8rem 0 .3rem; } p, li { max-width: 60rem; } .quiet { color: var(--quiet); }
.wide { overflow-x: auto; } svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; margin: .6rem 0; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { background: var(--card); } th:first-child, td:first-child { text-align: left; } td.text, th.text { text-align: left; }
tr.shale td { color: var(--shale); font-weight: 600; }
.met { color: var(--good); } .missed { color: var(--bad); } .near { color: var(--near); } .none { color: var(--quiet); }
nav a { color: inherit; margin-right: 1rem; } summary { cursor: pointer; color: var(--quiet); }
"""


def is_shale(engine):
    return engine.startswith("shale")


def chart(results, cell):
    """Bars of the medians, a picture a phase, with the least and the most as a line across the end of each."""
    phases = [p for p in results.phases(cell) if p != "load" and not p.endswith("-writes")]
    engines = results.engines(cell)
    columns = min(3, len(phases))
    rows = -(-len(phases) // columns)
    height = rows * (0.62 + 0.27 * len(engines))
    figure, axes = pyplot.subplots(rows, columns, figsize=(3.7 * columns + 0.6, height), squeeze=False, sharey=True)
    for i, axis in enumerate(axes.flat):
        if i >= len(phases):
            axis.set_visible(False)
            continue
        draw(axis, results, cell, phases[i], engines)
    figure.tight_layout(w_pad=1.5)
    text = io.StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    pyplot.close(figure)
    label = f"{cell}: median of each engine in {', '.join(phases)}"
    return inline(text.getvalue(), label)


def draw(axis, results, cell, phase, engines):
    column = "seconds" if phase in ("open", "recover") else "ops_per_s"
    told = [figures.spread(results.rounds(cell, phase, e, column).values()) for e in engines]
    most = max((t[2] for t in told if t), default=1)
    for y, (engine, figure_of) in enumerate(zip(engines, told)):
        if figure_of is None:
            axis.text(most * 0.01, y, "not done", va="center", fontsize=8, color=QUIET)
            continue
        median, low, high = figure_of
        axis.barh(y, median, color=SHALE if is_shale(engine) else OTHER, height=0.68)
        if high > low:
            axis.plot([low, high], [y, y], color=INK, linewidth=1)
        axis.text(max(median, high) + most * 0.015, y, figures.short(median), va="center", fontsize=8, color=INK)
    axis.set_yticks(range(len(engines)), engines, fontsize=9, color=INK)
    axis.set_ylim(len(engines) - 0.4, -0.6)
    axis.set_xlim(0, most * 1.22)
    axis.set_title(figures.unit_of(phase), fontsize=10, color=INK, loc="left")
    axis.xaxis.set_major_formatter(lambda value, _: figures.short(value))
    axis.xaxis.set_major_locator(pyplot.MaxNLocator(4))
    axis.tick_params(axis="x", labelsize=8, labelcolor=QUIET, color=LINE)
    axis.tick_params(axis="y", length=0)
    for side in axis.spines.values():
        side.set_visible(False)
    axis.grid(axis="x", color=LINE, linewidth=0.6)
    axis.set_axisbelow(True)


def inline(svg, label):
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    for colour, word in WORDS.items():
        svg = svg.replace(colour, word)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(label)}" ', 1)


def html_table(head, rows, text_columns=(0,)):
    names = [f"<th scope=col{' class=text' if i in text_columns else ''}>{html.escape(h)}</th>" for i, h in enumerate(head)]
    out = ["<div class=wide><table><thead><tr>"] + names + ["</tr></thead><tbody>"]
    for mark, row in rows:
        out.append(f"<tr{mark}>")
        for i, c in enumerate(row):
            # A cell is text, or text with a class of its own.
            text, clazz = c if isinstance(c, tuple) else (c, "text" if i in text_columns and i > 0 else "")
            out.append(f"<td{f' class={clazz}' if clazz else ''}>{html.escape(text)}</td>")
        out.append("</tr>")
    return "".join(out) + "</tbody></table></div>"


def goals_html(results):
    classes = {"met": "met", "missed": "missed", "not run": "none"}
    rows = []
    for one in plan.GOALS:
        told = figures.evaluate(results, one)
        rows.append(("", [told["text"], told["cell"], told["seen"], told["asked"], (told["result"], classes.get(told["result"], "near"))]))
    return html_table(["goal", "where", "seen", "asked", "result"], rows, text_columns=(0, 1))


def cell_html(results, cell):
    head, rows = ["engine"], []
    phases = [p for p in results.phases(cell) if p != "load"]
    for phase in phases:
        head += [figures.unit_of(phase), "Shale is ×"]
    for line in figures.cell_rows(results, cell)[1:]:
        rows.append((" class=shale" if is_shale(line[0]) else "", line))
    return html_table(head, rows)


def details_html(results, cell):
    out = []
    for phase in results.phases(cell):
        rows = []
        for engine in results.engines(cell):
            line = [engine]
            for column, _ in DETAILS:
                told = figures.spread(results.rounds(cell, phase, engine, column).values())
                line.append(figures.short(told[0]) if told else "")
            line.append(f"{results.errors(cell, phase, engine):.0f}")
            if any(line[1:-1]) or line[-1] != "0":
                rows.append((" class=shale" if is_shale(engine) else "", line))
        out.append(f"<h4>{html.escape(phase)}, medians</h4>")
        out.append(html_table(["engine"] + [name for _, name in DETAILS] + ["errors"], rows))
    return f"<details><summary>every figure of {html.escape(cell)}</summary>{''.join(out)}</details>"


def page(results, about, not_done):
    cells = {c["name"]: c for c in plan.CELLS + plan.LONG_CELLS}
    here = [cells[c] for c in results.cells() if c in cells]
    groups = [g for g in GROUPS if any(c["group"] == g for c in here)]
    out = ["<!doctype html><html lang=en><head><meta charset=utf-8>",
           "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">",
           "<meta name=viewport content='width=device-width, initial-scale=1'><title>Shale beside its peers</title>",
           f"<style>{STYLE}</style></head><body>", "<h1>Shale beside its peers</h1>",
           f"<p class=quiet>{html.escape(about.get('machine', ''))} · {html.escape(about.get('commit', ''))} · "
           f"{html.escape(about.get('begun', ''))}</p>",
           "<p>Every store ran in a process of its own, in turn; ratios are taken round by round, then the median. Bars are medians, the "
           "line across a bar's end goes from the least round to the most. A difference inside the spread is none. A write is "
           "acknowledged when it survives the death of the process, unless the title says otherwise; nothing is compressed; every "
           "value that was read was checked.</p>", "<nav><a href='#goals'>Goals</a>"]
    out += [f"<a href='#{g}'>{html.escape(GROUPS[g])}</a>" for g in groups] + ["</nav>", "<h2 id=goals>Goals</h2>", goals_html(results)]
    for group in groups:
        out.append(f"<h2 id={group}>{html.escape(GROUPS[group])}</h2>")
        for cell in here:
            if cell["group"] == group:
                seen = next(line for line in results.lines if line["cell"] == cell["name"])
                keys = "" if cell["workload"] in ("seeds", "sync", "ttl") else f", {int(seen['keys']):,} keys"
                out.append(f"<h3 id={cell['name']}>{html.escape(cell['name'])}</h3><p class=quiet>{cell['workload']}, {seen['threads']} "
                           f"threads, values of {seen['value_bytes']} bytes{keys}, {cell['budget_mib']} MiB of memory</p>")
                out += [f"<div class=wide>{chart(results, cell['name'])}</div>", cell_html(results, cell["name"]),
                        details_html(results, cell["name"])]
    out.append("<h2 id=absent>What could not be had</h2><ul>")
    reasons = dict.fromkeys(f"{r['cell']}, {r['engine']}: {r['why']}" for r in not_done)
    out += [f"<li>{html.escape(line)}</li>" for line in list(about.get("missing", [])) + list(reasons)] or ["<li>nothing</li>"]
    out.append("</ul><h2 id=versions>Versions</h2>")
    out.append(html_table(["engine", "version"], [("", [k, v]) for k, v in about.get("versions", {}).items()], text_columns=(0, 1)))
    return "\n".join(out) + "</body></html>\n"


def markdown(results, about):
    out = [f"## {about.get('commit', '')}, {about.get('machine', '')}: beside the peers", ""]
    for cell in results.cells():
        out += [f"### {cell}", "", figures.cell_table(results, cell), ""]
    return "\n".join(out + ["### Goals", "", figures.goal_table(results, plan.GOALS), ""])


def main(folder):
    folder = pathlib.Path(folder)
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "shale", "font.family": ["sans-serif"], "text.color": INK})
    results = figures.load(folder, plan.BUDGETS)
    about = next((json.loads(p.read_text()) for p in (folder / "about.json", folder / "long/about.json") if p.exists()), {})
    (folder / "index.html").write_text(page(results, about, figures.load_not_done(folder)))
    (folder / "tables.md").write_text(markdown(results, about))
    print(f"page: {folder / 'index.html'}; tables: {folder / 'tables.md'}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "build/peers")
