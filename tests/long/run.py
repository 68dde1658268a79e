#!/usr/bin/env python3
"""The long forms of the tests that draw something, in turn, for as many hours as there are.

    make test-long HOURS=8 [SEED=7] [ONLY="kills power"]      tests/long/run.py sum

The harness that has had the least time comes next, so all have the same share. Each piece has a seed of its own, drawn
from SEED, and is told with the one command that runs it again. A line for each is appended to build/test-long/pieces.csv;
of what fails, the output and the stores that it left are kept in build/test-long/failed. At the end all lines of that
file are added up, in the form of tests/RESULTS.md, to build/test-long/RESULTS.md. A piece that was begun is run to its end.
"""
import collections
import csv
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build/test-long"
COLUMNS = ["time", "commit", "harness", "seed", "result", "seconds", "counts", "command"]
PATIENCE = 3600   # seconds of a piece that takes two minutes on an idle machine

# unit, pattern, and whether a program tells how far it is ("last" counts) or each of its tests tells its own ("sum").
Count = collections.namedtuple("Count", "unit pattern how")
Harness = collections.namedtuple("Harness", "program env counts")
KILLS = [Count("kills", r"(\d+) kills,", "sum"), Count("calls acknowledged", r"(\d+) calls acknowledged", "sum")]
CALLS = [Count("checked operations", r"(\d+) calls, ", "sum")]
HARNESSES = {
    "kills": Harness("crash/crash_test", "CYCLES=100", KILLS),
    "kills-sealed": Harness("crash/crash_test", "SEALED=1 CYCLES=60", KILLS),
    "histories-killed": Harness("linear/killed_test", "CYCLES=60", [
        Count("kills", r"(\d+) kills,", "sum"), Count("checked operations", r"(\d+) operations,", "sum")]),
    "histories": Harness("linear/coherence_test", "OPS=500000", [
        Count("checked operations", r"(\d+) operations, 0 violations", "sum")]),
    "power": Harness("fault/power_test", "IMAGES=1000", [Count("power-cut images", r"(\d+) images,", "last")]),
    "sweep": Harness("fault/sweep_test", "SWEEP=53", [Count("runs with a failing call", r"(\d+) met their", "sum")]),
    "corruptions": Harness("fault/corruption_test", "CORRUPTIONS=5000", [
        Count("corruptions", r"(\d+) corruptions of closed", "last"),
        Count("corruptions", r"(\d+) corruptions of unclean", "last")]),
    "corruptions-64-shards": Harness("abi/mutation_test", "MUTATIONS=300", [
        Count("corruptions", r"(\d+) mutations", "sum")]),
    "damage": Harness("abi/damage_test", "FLIPS=100", [Count("corruptions", r"(\d+) refused,", "sum"), Count(
        "corruptions", r"(\d+) reported by a read", "sum"), Count("corruptions", r"(\d+) served rightly", "sum")]),
    "salvaged-batches": Harness("abi/salvage_batch_test", "SALVAGES=60", []),
    "model": Harness("model/model_test", "OPS=1000000", CALLS),
    "model-sealed": Harness("model/model_test", "SEALED=1 OPS=300000", CALLS),
    "cuts": Harness("order/cut_test", "SCANS=2000", [Count("transfers", r"(\d+) transfers", "sum")]),
    "ranges": Harness("abi/range_test", "RANGE_ROUNDS=3000", []),
    "clocks": Harness("engine/clock_step_test", "STEPS=2000000", [
        Count("checked operations", r"(\d+) steps,", "sum")]),
    "no-memory": Harness("abi/allocation_test", "", []),
}


def add_fuzz_targets():
    """One share of time for each, if build-fuzz/fuzz is there."""
    if not (ROOT / "build-fuzz/fuzz").exists():
        return
    for target in sorted(path.name for path in (ROOT / "tests/fuzz/corpus").iterdir()):
        HARNESSES["fuzz-" + target] = Harness(None, target, [
            Count("inputs of fuzz targets", r"stat::number_of_executed_units: *(\d+)", "last")])


def command(name, seed):
    harness = HARNESSES[name]
    if harness.program is not None:
        return f"{harness.env} SEED={seed} build/tests/{harness.program}".strip()
    corpus = f"build-fuzz/corpus/{harness.env}"
    return (f"FUZZ_TARGET={harness.env} build-fuzz/fuzz -seed={seed % 2**31} -max_total_time=120 -timeout=10 "
            f"-rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 -artifact_prefix=build-fuzz/found/{harness.env}/ "
            f"{corpus} tests/fuzz/corpus/{harness.env}")


def prepare(name):
    if HARNESSES[name].program is None:
        for kind in ("corpus", "found"):
            (ROOT / "build-fuzz" / kind / HARNESSES[name].env).mkdir(parents=True, exist_ok=True)


def counted(name, output):
    counts = collections.Counter()
    for count in HARNESSES[name].counts:
        seen = [int(number) for number in re.findall(count.pattern, output)]
        counts[count.unit] += sum(seen) if count.how == "sum" else seen[-1] if seen else 0
    return counts


def run_piece(name, seed):
    """Runs it; the line for the table."""
    prepare(name)
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
    work = pathlib.Path(base) / f"shale-long-{os.getpid()}"
    work.mkdir()
    log = work / "output"
    environment = dict(os.environ, TMPDIR=str(work), ASAN_OPTIONS="detect_leaks=1:abort_on_error=1:handle_abort=1")
    began = time.monotonic()
    with log.open("w") as out:
        child = subprocess.Popen(command(name, seed), shell=True, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                                 stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            result = "ok" if child.wait(PATIENCE) == 0 else f"failed ({child.returncode})"
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGABRT)
            child.wait()
            result = "hung"
        except KeyboardInterrupt:
            os.killpg(child.pid, signal.SIGKILL)
            shutil.rmtree(work)
            raise
    seconds = time.monotonic() - began
    output = log.read_text(errors="replace")
    counts = counted(name, output)
    if result == "ok" and HARNESSES[name].counts and not counts.total():
        result = "failed (it counted nothing)"
    if result != "ok":
        kept = OUT / "failed" / f"{name}-{seed}"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.move(work, kept)
        print("\n".join(output.splitlines()[-5:]) + f"\n  kept: {kept}")
    shutil.rmtree(work, ignore_errors=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    return {"time": time.strftime("%Y-%m-%dT%H:%M:%S"), "commit": commit.strip(), "harness": name, "seed": seed,
            "result": result, "seconds": f"{seconds:.1f}", "command": command(name, seed),
            "counts": "; ".join(f"{unit}={number}" for unit, number in counts.items())}


def note(line):
    table = OUT / "pieces.csv"
    fresh = not table.exists()
    with table.open("a", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        if fresh:
            writer.writeheader()
        writer.writerow(line)


def add_up():
    """All pieces there are, as a section for tests/RESULTS.md. How many failed."""
    with (OUT / "pieces.csv").open(newline="") as table:
        pieces = list(csv.DictReader(table))
    totals, rows = collections.Counter(), {}
    for piece in pieces:
        row = rows.setdefault(piece["harness"], {"pieces": 0, "seconds": 0.0, "seeds": [], "failed": [],
                                                 "counts": collections.Counter()})
        row["pieces"] += 1
        row["seconds"] += float(piece["seconds"])
        if piece["result"] != "ok":
            row["failed"].append(piece["command"])
            continue
        row["seeds"].append(piece["seed"])
        for part in filter(None, piece["counts"].split("; ")):
            unit, number = part.split("=")
            row["counts"][unit] += int(number)
            totals[unit] += int(number)
    commits = ", ".join(sorted({piece["commit"] for piece in pieces}))
    together = ", ".join(f"{number:,} {unit}" for unit, number in totals.items())
    text = ["## Long runs (`make test-long`)", "", f"Pieces: {len(pieces)}, of commits {commits}. Together: {together}.", "",
            "| harness | form of a piece | pieces | seconds | what was seen | seeds |", "|---|---|---:|---:|---|---|"]
    for name, row in rows.items():
        first = next(piece["command"] for piece in pieces if piece["harness"] == name)
        form = re.sub(r" ?-?-?(SEED|seed)=\d+", "", first).strip()
        seen = ", ".join(f"{number:,} {unit}" for unit, number in row["counts"].items())
        text.append(f"| {name} | `{form[:90]}` | {row['pieces']} | {row['seconds']:.0f} | {seen} | "
                    f"{' '.join(row['seeds'][:40])}{' ...' if len(row['seeds']) > 40 else ''} |")
    failed = [line for row in rows.values() for line in row["failed"]]
    text += ["", f"Failed: {len(failed)}." if failed else "None failed."] + [f"* `{line}`" for line in failed]
    (OUT / "RESULTS.md").write_text("\n".join(text) + "\n")
    print("\n".join(text))
    return len(failed)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    if sys.argv[1:] == ["sum"]:
        return add_up() > 0
    hours, seed = float(os.environ["HOURS"]), int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    add_fuzz_targets()
    only = os.environ.get("ONLY", "").split() or list(HARNESSES)
    unknown = [name for name in only if name not in HARNESSES]
    if unknown:
        sys.exit(f"test-long: there is no harness {unknown[0]}; there are: {' '.join(HARNESSES)}")
    print(f"SEED={seed} HOURS={hours:g}: {' '.join(only)}", flush=True)
    dice, spent, bad, end = random.Random(seed), dict.fromkeys(only, 0.0), 0, time.monotonic() + hours * 3600
    while time.monotonic() < end:
        name = min(only, key=spent.get)
        line = run_piece(name, dice.randrange(1 << 32))
        note(line)
        spent[name] += max(float(line["seconds"]), 0.1)
        bad += line["result"] != "ok"
        what = line["counts"] or "done"
        print(f"{line['result']:4} {name}: {what} in {line['seconds']} s: {line['command']}", flush=True)
    add_up()
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
