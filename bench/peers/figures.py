"""Medians, spreads, ratios and goals out of the lines that the programs printed. Standard library only.

 1. A ratio is taken round by round, then the median: what slows a whole round down leaves it alone.
 2. Spread is the least and the most of all rounds.
 3. A goal is met if the median meets it; missed "within the spread" if some round did; "not run" if there is nothing to judge."""
import csv
import pathlib
import statistics

COLUMNS = ("engine workload phase threads value_bytes keys seconds ops ops_per_s cpu_us_per_op p50_us p99_us p999_us max_us "
           "written_bytes_per_op rss_peak_mib disk_mib live_mib errors").split()
RESULT_COLUMNS = ["round", "cell"] + COLUMNS


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


class Results:
    """Every line by cell, phase, engine and round; the budgets come from the plan."""

    def __init__(self, lines, budgets=None):
        self.lines = list(lines)
        self.budgets = budgets or {}
        self.by = {}
        for line in self.lines:
            key = (line["cell"], line["phase"], line["engine"])
            self.by.setdefault(key, {})[int(line["round"])] = line

    def cells(self):
        return list(dict.fromkeys(line["cell"] for line in self.lines))

    def phases(self, cell):
        return list(dict.fromkeys(line["phase"] for line in self.lines if line["cell"] == cell))

    def engines(self, cell):
        return list(dict.fromkeys(line["engine"] for line in self.lines if line["cell"] == cell))

    def value(self, line, column):
        """A column of a line, or what is made of several; None where it is empty."""
        get = lambda name: number(line.get(name))
        if column == "space":
            disk, live = get("disk_mib"), get("live_mib")
            return disk / live if disk is not None and live else None
        if column == "seconds_per_gib":
            seconds, live = get("seconds"), get("live_mib")
            return seconds / (live / 1024) if seconds is not None and live else None
        if column == "rss_above_budget":
            rss, budget = get("rss_peak_mib"), self.budgets.get(line["cell"])
            return rss - budget if rss is not None and budget is not None else None
        return get(column)

    def rounds(self, cell, phase, engine, column="ops_per_s"):
        """Round to figure. A line with errors counts for nothing: what is wrong is not fast."""
        found = {}
        for number_of, line in self.by.get((cell, phase, engine), {}).items():
            value = self.value(line, column)
            if value is not None and number(line["errors"]) in (0, None):
                found[number_of] = value
        return found

    def errors(self, cell, phase, engine):
        return sum(number(line["errors"]) or 0 for line in self.by.get((cell, phase, engine), {}).values())


def spread(values):
    """(median, least, most), or None for no values."""
    values = list(values)
    return (statistics.median(values), min(values), max(values)) if values else None


def ratios(above, below):
    """Round by round, of the rounds that both have."""
    return {r: above[r] / below[r] for r in sorted(above) if below.get(r)}


def best_of(results, cell, phase, engines, column):
    """The figure of the best of several engines in each round: the greatest rate, or the least time."""
    pick = max if column == "ops_per_s" else min
    found = {}
    for engine in engines:
        for r, value in results.rounds(cell, phase, engine, column).items():
            found[r] = pick(found[r], value) if r in found else value
    return found


def short(value, digits=3):
    """Three significant digits, with K or M."""
    if value is None:
        return "-"
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "K")):
        if abs(value) >= limit:
            scale = {"G": 1e9, "M": 1e6, "K": 1e3}[unit]
            return plain(value / scale, digits) + " " + unit
    return plain(value, digits)


def plain(value, digits=3):
    if value == 0:
        return "0"
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 1
    return f"{value:.{max(digits - whole, 0)}f}"


def with_spread(figures, form=short):
    """'412 K (398 K-431 K)'; the median alone for one round; '-' for none."""
    told = spread(figures)
    if told is None:
        return "-"
    if len(list(figures)) == 1:
        return form(told[0])
    return f"{form(told[0])} ({form(told[1])}-{form(told[2])})"


def judge(sign, seen, factor):
    return seen >= factor if sign == ">=" else seen <= factor


def goal_figures(results, goal):
    """The figures of a goal, by round, and where the worst was seen (for a goal over all runs)."""
    if goal["cell"] is None:
        worst, where = {}, ""
        for line in results.lines:
            value = results.value(line, goal["column"])
            if line["engine"] != goal["of"] or value is None:
                continue
            if not worst or value > max(worst.values()):
                where = f"{line['cell']}, {line['phase']}"
            r = int(line["round"])
            worst[r] = max(worst.get(r, value), value)
        return worst, where
    own = results.rounds(goal["cell"], goal["phase"], goal["of"], goal["column"])
    if goal["than"] is None:
        return own, ""
    return ratios(own, best_of(results, goal["than_cell"], goal["than_phase"], goal["than"], goal["column"])), ""


def evaluate(results, goal):
    """A goal with what was seen: dict(text, asked, seen, result)."""
    figures, where = goal_figures(results, goal)
    asked = f"{goal['sign']} {goal['factor']:g}"
    place = "any run" if goal["cell"] is None else f"{goal['cell']}, {goal['phase']}"
    if not figures:
        return dict(text=goal["text"], cell=place, asked=asked, seen="-", result="not run")
    values = list(figures.values())
    # "In every run" means the worst of them, all else the median.
    seen = max(values) if goal["cell"] is None else statistics.median(values)
    if judge(goal["sign"], seen, goal["factor"]):
        result = "met"
    elif goal["cell"] is not None and any(judge(goal["sign"], v, goal["factor"]) for v in values):
        result = "missed, within the spread"
    else:
        result = "missed"
    told = with_spread(values, plain) + (f" in {where}" if where else "")
    # Beside some of those that were asked for only.
    absent = [e for e in goal["than"] or [] if not results.rounds(goal["than_cell"], goal["than_phase"], e, goal["column"])]
    told += f", without {' and '.join(absent)}" if absent else ""
    return dict(text=goal["text"], cell=place, asked=asked, seen=told, result=result)


def table(rows, right=()):
    """Markdown with columns as wide as their widest cell; `right`: numbers of the columns that stand to the right."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for n, row in enumerate(rows):
        cells = [str(c).rjust(w) if i in right else str(c).ljust(w) for i, (c, w) in enumerate(zip(row, widths))]
        lines.append("| " + " | ".join(cells) + " |")
        if n == 0:
            marks = ["-" * (w + 1) + ":" if i in right else "-" * (w + 2) for i, w in enumerate(widths)]
            lines.append("|" + "|".join(marks) + "|")
    return "\n".join(lines)


def cell_rows(results, cell):
    """Operations a second of each engine and phase, and how many times that Shale does; a head first."""
    phases = [p for p in results.phases(cell) if p != "load"]
    rows = [["engine"] + [t for p in phases for t in (unit_of(p), "shale is x")]]
    for engine in results.engines(cell):
        row = [engine]
        for phase in phases:
            column = "seconds" if phase in ("open", "recover") else "ops_per_s"
            own = results.rounds(cell, phase, engine, column)
            shale = results.rounds(cell, phase, "shale", column)
            errors = results.errors(cell, phase, engine)
            times = ratios(own, shale) if column == "seconds" else ratios(shale, own)
            row.append(f"{errors:.0f} errors" if errors else with_spread(own.values()))
            row.append("" if engine == "shale" else with_spread(times.values(), plain))
        rows.append(row)
    return rows


def cell_table(results, cell):
    rows = cell_rows(results, cell)
    return table(rows, right=range(1, len(rows[0])))


def unit_of(phase):
    if phase in ("open", "recover"):
        return f"{phase}, s"
    return phase if phase == "hit_percent" else f"{phase}, ops/s"


def goal_table(results, goals):
    rows = [["goal", "where", "seen", "asked", "result"]]
    for one in goals:
        told = evaluate(results, one)
        rows.append([told["text"], told["cell"], told["seen"], told["asked"], told["result"]])
    return table(rows, right=(2, 3))


def read_csv(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def load(folder, budgets):
    """The lines of a folder and those of the runs of a minute a phase, which lie in one below it."""
    paths = [pathlib.Path(folder, "results.csv"), pathlib.Path(folder, "long/results.csv")]
    return Results([line for path in paths if path.exists() for line in read_csv(path)], budgets)


def load_not_done(folder):
    paths = [pathlib.Path(folder, "not_done.csv"), pathlib.Path(folder, "long/not_done.csv")]
    return [row for path in paths if path.exists() for row in read_csv(path)]
