#!/usr/bin/env python3
"""The runner of bench/peers, its medians, ratios and goals, and the intervals of pairs, with made-up programs and figures: nothing
is measured, so nothing depends on time. Prints ok and FAIL lines."""
import itertools
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench/peers"))
sys.dont_write_bytecode = True
import figures  # noqa: E402
import pairs  # noqa: E402
import plan  # noqa: E402
import run  # noqa: E402

failed = 0


def check(name, condition, seen=""):
    global failed
    print(f"ok {name}" if condition else f"FAIL {name}: {seen}")
    failed += not condition


def line(cell, engine, phase, r, ops_per_s, errors=0, **more):
    row = dict.fromkeys(figures.RESULT_COLUMNS, "")
    row.update({k: str(v) for k, v in more.items()})
    return row | dict(cell=cell, engine=engine, phase=phase, round=str(r), ops_per_s=str(ops_per_s), errors=str(errors))


def test_ratios():
    rounds = [(100, 20), (200, 25), (90, 10)]   # of medians 100 / 20 = 5; of ratios 5, 8, 9: the median is 8
    lines = [line("seeds", e, "write", r, v[i]) for r, v in enumerate(rounds) for i, e in enumerate(("shale", "badger"))]
    results = figures.Results(lines)
    goal = plan.goal("writes", "seeds", "write", ["badger"], ">=", 8)
    told = figures.evaluate(results, goal)
    check("a ratio is taken round by round", told["seen"] == "8.00 (5.00-9.00)" and told["result"] == "met", told)
    told = figures.evaluate(results, dict(goal, factor=8.5))
    check("a round that met a goal is told", told["result"] == "missed, within the spread", told)
    told = figures.evaluate(results, dict(goal, factor=10))
    check("no round met it", told["result"] == "missed", told)
    told = figures.evaluate(results, plan.goal("writes", "seeds", "write", ["rocksdb"], ">=", 8))
    check("what was not run is not met", told["result"] == "not run", told)


def test_best_and_time():
    lines = [line("c", "shale", "run", 0, 300, p999_us=10), line("c", "rocksdb", "run", 0, 100, p999_us=8),
             line("c", "badger", "run", 0, 50, p999_us=20)]
    results = figures.Results(lines)
    told = figures.evaluate(results, plan.goal("x", "c", "run", ["rocksdb", "badger"], ">=", 3))
    check("the better of two is the faster", told["seen"] == "3.00" and told["result"] == "met", told)
    told = figures.evaluate(results, plan.goal("x", "c", "run", ["rocksdb", "badger"], "<=", 1, column="p999_us"))
    check("of times the better is the shorter", told["seen"] == "1.25" and told["result"] == "missed", told)
    told = figures.evaluate(results, plan.goal("x", "c", "run", ["rocksdb", "pebble"], ">=", 3))
    check("who was absent is told", told["seen"] == "3.00, without pebble", told)


def test_derived():
    lines = [line("a", "shale", "write", 0, 1, disk_mib=300, live_mib=150, rss_peak_mib=560),
             line("b", "shale", "write", 0, 1, rss_peak_mib=600), line("b", "rocksdb", "write", 0, 1, rss_peak_mib=900),
             line("r", "shale", "recover", 0, 1, seconds=1.5, live_mib=512)]
    results = figures.Results(lines, {"a": 512, "b": 512})
    told = figures.evaluate(results, plan.goal("space", "a", "write", None, "<=", 2, column="space"))
    check("space is disk by live", told["seen"] == "2.00" and told["result"] == "met", told)
    told = figures.evaluate(results, plan.goal("r", "r", "recover", None, "<=", 2, column="seconds_per_gib"))
    check("recovery is told for a GiB", told["seen"] == "3.00" and told["result"] == "missed", told)
    told = figures.evaluate(results, plan.goal("rss", None, None, None, "<=", 64, column="rss_above_budget"))
    check("peak memory is the worst of all of Shale's runs", told["seen"] == "88.0 in b, write" and told["result"] == "missed", told)


def test_errors():
    lines = [line("c", "shale", "run", 0, 300), line("c", "lmdb", "run", 0, 900, errors=3)]
    results = figures.Results(lines)
    check("what is wrong is not fast", results.rounds("c", "run", "lmdb") == {} and "3 errors" in figures.cell_table(results, "c"))


def test_goals_and_cells_agree():
    cells = {c["name"]: c for c in plan.CELLS + plan.LONG_CELLS}
    check("names of cells are unique", len(cells) == len(plan.CELLS) + len(plan.LONG_CELLS))
    wrong = [g["text"] for g in plan.GOALS if g["cell"] and not (
        {g["of"], *(g["than"] or [])} <= set(cells.get(g["cell"], {"engines": []})["engines"]) and g["than_cell"] in cells)]
    check("each goal's engines are in its cell", not wrong, wrong)


def test_interval():
    # Against the definition: all signs of all ranks, each as likely.
    for n in (3, 6, 8, 9):
        sums = sorted(sum(r for r, sign in zip(range(1, n + 1), signs) if sign) for signs in itertools.product((0, 1), repeat=n))
        limit = max((w for w in range(n * (n + 1) // 2 + 1) if 2 * sum(s <= w for s in sums) <= 0.01 * len(sums)), default=-1)
        check(f"rank limit of {n} pairs", pairs.rank_limit(n, 0.99) == limit, (pairs.rank_limit(n, 0.99), limit))
    told = pairs.paired_interval([1.0, 2.0, 3.0])
    check("three pairs tell nothing", told == (2.0, None, None) and pairs.verdict(None, None, True) == "too few pairs", told)
    random_of = random.Random(7)
    misses = 0
    for _ in range(400):
        _, least, most = pairs.paired_interval([random_of.gauss(0, 1) for _ in range(10)])
        misses += not least <= 0 <= most
    check("the interval misses the truth seldom", misses <= 16, misses)   # 4 expected of 400; the seed is fixed
    check("verdicts", [pairs.verdict(*v) for v in ((0.9, 1.1, True), (1.01, 1.2, True), (1.01, 1.2, False), (0.8, 0.9, False))] ==
          ["no change", "better", "WORSE", "better"])


FAKE = """#!/bin/sh
case "$*" in
  --list) printf 'shale\\t1\\tstore\\nrocksdb\\t2\\tstore\\nlmdb\\t3\\tstore\\n'; exit 0 ;;
esac
while [ $# -gt 0 ]; do case "$1" in --engine) e=$2 ;; --workload) w=$2 ;; --dir) d=$2 ;; esac; shift 2; done
[ -d "$d" ] || exit 9
echo "$e $w" >>"$(dirname "$0")/calls"
[ "$e" = lmdb ] && { echo "lmdb cannot" >&2; exit 3; }
[ "$e" = rocksdb ] && [ -e "$(dirname "$0")/broken" ] && { echo "out of luck" >&2; exit 1; }
echo "$e,$w,write,1,100,1000,1.0,10,${#e}00,1,1,2,3,4,5,6,7,8,0"
"""


def test_runner():
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder, "peer_native")
        program.write_text(FAKE)
        program.chmod(0o755)
        pathlib.Path(folder, "peer_dumb").write_text("#!/bin/sh\necho no list here >&2\nexit 1\n")
        os.chmod(pathlib.Path(folder, "peer_dumb"), 0o755)
        pathlib.Path(folder, "broken").touch()

        def call(*words):
            told = subprocess.run([sys.executable, "-B", str(ROOT / "bench/peers/run.py"), "--programs", folder,
                                   "--out", folder, "--workloads", "seeds-t1",
                                   "--rounds", "2", *words], capture_output=True, text=True, cwd=ROOT)
            calls = pathlib.Path(folder, "calls")
            seen = calls.read_text().split("\n")[:-1] if calls.exists() else []
            calls.unlink(missing_ok=True)
            return told, seen

        told, seen = call()
        check("engines take turns, another begins each round",
              seen == ["shale seeds", "rocksdb seeds", "lmdb seeds", "rocksdb seeds", "lmdb seeds", "shale seeds"], (seen, told.stderr))
        check("a run that fails fails nothing", told.returncode == 0 and "rocksdb: not done (2 rounds): ended with status 1: out of luck"
              in told.stdout, told.stdout)
        check("what an engine cannot do is told", "lmdb: not done (2 rounds): lmdb cannot" in told.stdout)
        check("a program without a list is told", "peer_dumb: no list here" in told.stdout)
        check("an engine that nobody has is told", "no program has badger (store), leveldb64 (store)" in told.stdout, told.stdout)
        check("the lines are kept", len(figures.read_csv(pathlib.Path(folder, "results.csv"))) == 2)
        results = pathlib.Path(folder, "results.csv")
        cut = results.read_text()
        results.write_text(cut[:cut.rindex("\n", 0, -1) + 20])   # as if it had been interrupted in the middle of a line
        told, seen = call()
        check("an interrupted run goes on where it was", seen == ["shale seeds"], (seen, told.stdout, told.stderr))
        check("and leaves whole lines only", len(figures.read_csv(results)) == 2, results.read_text())
        told, seen = call("--seconds", "0.1")
        check("results of another kind are not mixed", told.returncode != 0 and "seconds differ" in told.stderr and not seen, told.stderr)
        told, seen = call("--seconds", "0.1", "--fresh", "--only", "lmdb")
        check("only some, and Shale always", sorted(set(seen)) == ["lmdb seeds", "shale seeds"], seen)


for test in (test_ratios, test_best_and_time, test_derived, test_errors, test_goals_and_cells_agree, test_interval, test_runner):
    test()
sys.exit(bool(failed))
