#!/usr/bin/env python3
"""Runs every engine of every program build/peers/peer_* in turn, round after round, and tells what was seen.

Each run is a process of its own with a directory of its own, so that neither memory nor files of one reach another. Within a round
the engines of a cell follow each other; who begins changes from round to round. All lines go to results.csv as they come; a run that
was interrupted goes on where it was. A peer that is missing, or that cannot do something, is told and left out; nothing fails
for it."""
import argparse
import collections
import csv
import datetime
import glob
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import figures  # noqa: E402
import plan  # noqa: E402

PROGRAMS = ["peer_native", "peer_go", "peer_caches", "peer_java", "peer_net"]
NOT_DONE = 3


class Scratch:
    """A directory for one store, removed and written down afterwards, so that the next does not pay for it."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="shale_peers_")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)
        os.sync()


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--programs", default="build/peers", help="where peer_* are")
    parser.add_argument("--out", help="where results go: build/peers, with --long or --quick a directory below it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="engines, with commas; shale is always among them")
    parser.add_argument("--workloads", default="", help="cells, groups or workloads of plan.py, with commas")
    parser.add_argument("--seconds", type=float, help="of each phase, instead of the plan's")
    parser.add_argument("--keys", type=int, help="instead of the plan's")
    parser.add_argument("--warm-mib", type=int, default=2048, help="memory that is touched before each run")
    parser.add_argument("--quick", action="store_true", help="a few cells, one round, half a second: does it work?")
    parser.add_argument("--long", action="store_true", help="only the runs of a minute a phase")
    parser.add_argument("--fresh", action="store_true", help="forget the results that are there")
    parser.add_argument("--plan", action="store_true", help="tell what would be run and how long that takes, and end")
    args = parser.parse_args(argv)
    args.out = args.out or "build/peers" + ("/quick" if args.quick else "/long" if args.long else "")
    if args.quick:
        args.rounds, args.seconds, args.keys = 1, args.seconds or 0.5, args.keys or 100_000
    return args


def find_engines(folder):
    """(class, name) -> program, version; and what could not be had."""
    found, missing = {}, []
    paths = sorted(set(glob.glob(f"{folder}/peer_*")) | {f"{folder}/{p}" for p in PROGRAMS})
    for path in paths:
        if not os.access(path, os.X_OK) or os.path.isdir(path):
            if os.path.basename(path) in PROGRAMS:
                missing.append(f"{os.path.basename(path)}: was not built")
            continue
        try:
            told = subprocess.run([path, "--list"], capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.TimeoutExpired) as error:
            missing.append(f"{os.path.basename(path)}: {error}")
            continue
        rows = [line.split("\t") for line in told.stdout.splitlines() if line.count("\t") == 2]
        if told.returncode != 0 or not rows:
            why = (told.stderr.strip().splitlines() or ["it lists no engine"])[-1]
            missing.append(f"{os.path.basename(path)}: {why}")
        for name, version, clazz in rows:
            found.setdefault((clazz, name), (path, version))
    return found, missing


def cells_of(args):
    cells = plan.LONG_CELLS if args.long else plan.CELLS
    wanted = [w for w in args.workloads.split(",") if w]
    unknown = set(wanted) - {c[k] for c in cells for k in ("name", "group", "workload")}
    if unknown:
        raise SystemExit(f"no cell, group or workload is called {', '.join(sorted(unknown))}")
    if wanted:
        cells = [c for c in cells if {c["name"], c["group"], c["workload"]} & set(wanted)]
    elif args.quick:
        cells = [c for c in cells if c["quick"]]
    only = [e for e in args.only.split(",") if e]
    chosen = []
    for cell in cells:
        cell = dict(cell)
        if only:
            cell["engines"] = [e for e in cell["engines"] if e in only or e == "shale"]
        cell["seconds"] = args.seconds or cell["seconds"]
        cell["keys"] = args.keys or cell["keys"]
        cell["rounds"] = min(args.rounds, cell["rounds"] or args.rounds)
        chosen.append(cell)
    return chosen


def steps_of(cells, engines):
    """(round, cell, engine) in the order in which they are run."""
    steps = []
    for r in range(max((c["rounds"] for c in cells), default=0)):
        for cell in cells:
            here = [e for e in cell["engines"] if (cell["clazz"], e) in engines]
            if r < cell["rounds"] and here:
                first = r % len(here)
                steps += [(r, cell, e) for e in here[first:] + here[:first]]
    return steps


def seconds_of(step):
    _, cell, _ = step
    scale = min(1.0, cell["keys"] / 1_000_000)
    return cell["phases"] * cell["seconds"] + cell["load_s"] * scale + 2.5


def command_of(cell, engine, program, directory, args, r):
    durability = "sync" if cell["workload"] in ("sync", "fillsync") else "os"
    return [program, "--engine", engine, "--workload", cell["workload"], "--threads", str(cell["threads"]), "--seconds",
            str(cell["seconds"]), "--value-bytes", str(cell["value_bytes"]), "--keys", str(cell["keys"]), "--budget-mib",
            str(cell["budget_mib"]), "--durability", durability, "--dir", directory, "--seed", str(r + 1), "--warm-mib",
            str(args.warm_mib)]


def run_one(command, timeout_s):
    """(lines, why): what was printed, or why there is nothing."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, err = child.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return [], f"no end after {timeout_s:.0f} s"
    except KeyboardInterrupt:
        child.terminate()   # some started servers, which they stop
        try:
            child.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
        raise
    told = [line for line in err.strip().splitlines() if line]
    lines = []
    for row in csv.reader(out.splitlines()):
        if len(row) != len(figures.COLUMNS):
            return [], f"a line of {len(row)} columns: {','.join(row)[:80]}"
        lines.append(row)
    if child.returncode == NOT_DONE:
        return [], told[-1] if told else "cannot do it"
    if child.returncode != 0 or not lines:
        return [], f"ended with status {child.returncode}: {told[-1] if told else 'nothing on stderr'}"
    wrong = [row for row in lines if row[-1] not in ("", "0")]
    if wrong:
        print(f"    {wrong[0][2]}: {wrong[0][-1]} errors: {told[0] if told else ''}", flush=True)
    return lines, ""


class Store:
    """results.csv and not_done.csv, added to as runs end, and the settings that they belong to."""

    def __init__(self, out, settings, fresh):
        self.folder = pathlib.Path(out)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.results, self.not_done = self.folder / "results.csv", self.folder / "not_done.csv"
        self.settings = self.folder / "run.json"
        if fresh:
            for path in (self.results, self.not_done, self.settings):
                path.unlink(missing_ok=True)
        if self.settings.exists():
            before = json.loads(self.settings.read_text())
            differ = [k for k in settings if k not in ("begun", "rounds") and before.get(k) != settings[k]]
            if differ:
                raise SystemExit(f"{self.results} is of another run ({', '.join(differ)} differ): --fresh forgets it, --out keeps it")
        else:
            self.settings.write_text(json.dumps(settings, indent=1) + "\n")
        self.begin(self.results, figures.RESULT_COLUMNS)
        self.drop_torn_step()
        self.begin(self.not_done, ["round", "cell", "engine", "why"])

    @staticmethod
    def begin(path, columns):
        if not path.exists():
            path.write_text(",".join(columns) + "\n")

    def drop_torn_step(self):
        """A kill in the middle of writing the lines of a step leaves the last one without its end: the step is forgotten."""
        text = self.results.read_text()
        if text.endswith("\n"):
            return
        lines = text.split("\n")
        step = lines.pop().split(",")[:3]
        while len(lines) > 1 and lines[-1].split(",")[:3] == step:
            lines.pop()
        self.results.write_text("\n".join(lines) + "\n")

    def done(self):
        steps = set()
        for path in (self.results, self.not_done):
            steps |= {(int(row["round"]), row["cell"], row["engine"]) for row in figures.read_csv(path)}
        return steps

    @staticmethod
    def add(path, rows):
        with open(path, "a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


def machine():
    model = ""
    try:
        with open("/proc/cpuinfo") as file:
            model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")
    except OSError:
        pass
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{len(os.sched_getaffinity(0))} cores, {model}, {pages / 2**30:.0f} GiB, {platform.system()} {platform.release()}"


def commit():
    told = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True)
    return told.stdout.strip() if told.returncode == 0 else "no git"


def tell(cells, results, not_done, missing):
    for cell in cells:
        if cell["name"] in results.cells():
            budget = f"{cell['budget_mib']} MiB budget"
            print(f"\n### {cell['name']}: {cell['workload']}, {cell['threads']} threads, {cell['value_bytes']} bytes, {budget}\n")
            print(figures.cell_table(results, cell["name"]))
    print("\n### Goals\n")
    print(figures.goal_table(results, plan.GOALS))
    reasons = collections.Counter((row["cell"], row["engine"], row["why"]) for row in not_done)
    if reasons or missing:
        print("\n### What could not be had\n")
    for line in missing:
        print(f"* {line}")
    for (cell, engine, why), times in reasons.items():
        print(f"* {cell}, {engine}: not done{f' ({times} rounds)' if times > 1 else ''}: {why}")


def measure(steps, engines, store, args):
    done = store.done()
    left = [s for s in steps if (s[0], s[1]["name"], s[2]) not in done]
    if len(left) < len(steps):
        print(f"{len(steps) - len(left)} of {len(steps)} runs were there already")
    remaining = sum(seconds_of(s) for s in left)
    for r, cell, engine in left:
        print(f"round {r + 1}  {cell['name']:<18} {engine:<18} about {remaining / 60:.0f} min left", flush=True)
        with Scratch() as directory:
            program = engines[cell["clazz"], engine][0]
            lines, why = run_one(command_of(cell, engine, program, directory, args, r), 20 * seconds_of((r, cell, engine)) + 300)
        if lines:
            store.add(store.results, [[r, cell["name"]] + line for line in lines])
        else:
            store.add(store.not_done, [[r, cell["name"], engine, why]])
            print(f"    not done: {why}", flush=True)
        remaining -= seconds_of((r, cell, engine))


def main(argv):
    args = parse(argv)
    cells = cells_of(args)
    engines, missing = find_engines(args.programs)
    named = sorted({(c["clazz"], e) for c in cells for e in c["engines"]})
    absent = [f"{e} ({c})" for c, e in named if (c, e) not in engines]
    if absent:
        missing.append("no program has " + ", ".join(absent))
    steps = steps_of(cells, engines)
    print(f"{len(steps)} runs of {len(cells)} cells, about {sum(map(seconds_of, steps)) / 60:.0f} min; {machine()}")
    for line in missing:
        print(f"not here: {line}")
    if args.plan:
        for cell in cells:
            here = [e for e in cell["engines"] if (cell["clazz"], e) in engines]
            print(f"  {cell['name']:<18} {cell['rounds']} rounds: {' '.join(here)}")
        return 0
    settings = dict(commit=commit(), machine=machine(), rounds=args.rounds, seconds=args.seconds, keys=args.keys, long=args.long,
                    warm_mib=args.warm_mib, begun=datetime.datetime.now().isoformat(timespec="minutes"))
    store = Store(args.out, settings, args.fresh)
    status = 0
    try:
        measure(steps, engines, store, args)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on from here")
        status = 130
    whole = store.folder.parent if args.long else store.folder
    tell(cells, figures.load(whole, plan.BUDGETS), figures.load_not_done(whole), missing)
    versions = {f"{name} ({clazz})": version for (clazz, name), (_, version) in sorted(engines.items())}
    (store.folder / "about.json").write_text(json.dumps(dict(settings, versions=versions, missing=missing), indent=1) + "\n")
    print(f"\nevery line: {store.results}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
