#!/usr/bin/env python3
"""This tree's library beside an older one, in pairs of runs of the same program: is it faster, slower, or is there no telling?

Each pair runs one after the other, and who begins changes; so what drifts, drifts for both. Of each figure the ratios here / base
of all pairs are taken, as logarithms; told is their Hodges-Lehmann estimate (the median of the means of all two of them) with the
interval of Wilcoxon's signed ranks, exact, at 99 %: with a dozen figures a call that is one false alarm in eight calls. If the
interval contains 1 the answer is "no change". Standard library only."""
import argparse
import csv
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import figures  # noqa: E402

# Name, words for the program, seconds of a phase.
CELLS = [
    ("seeds", "--engine shale --workload seeds --threads 64 --value-bytes 1024", 1.0),
    ("100 bytes", "--engine shale --workload seeds --threads 64 --value-bytes 100", 1.0),
    ("in memory", "--engine shale-memory --workload cache-mixed --threads 2 --value-bytes 100 --keys 100000", 0.6),
]
PHASES = {"write", "hot", "cold", "run"}
COLUMNS = [("ops_per_s", "ops/s", True), ("cpu_us_per_op", "CPU µs/op", False)]


def rank_limit(n, confidence):
    """How many of the smallest (and of the greatest) of the n (n + 1) / 2 means are left out, so that the interval between those that
    stay holds the truth with this confidence; -1 if n is too small for any. The sums of signed ranks are counted, each as likely."""
    total = n * (n + 1) // 2
    counts = [1] + [0] * total
    for rank in range(1, n + 1):
        for s in range(total, rank - 1, -1):
            counts[s] += counts[s - rank]
    outside, cut = 0, -1
    for s in range(total + 1):
        outside += counts[s]
        if 2 * outside > (1 - confidence) * 2 ** n:
            break
        cut = s
    return cut


def paired_interval(values, confidence=0.99):
    """(estimate, least, most) of the middle of a symmetric distribution; None for least and most if the pairs are too few."""
    n = len(values)
    means = sorted((values[i] + values[j]) / 2 for i in range(n) for j in range(i, n))
    cut = rank_limit(n, confidence)
    if cut < 0:
        return statistics.median(means), None, None
    return statistics.median(means), means[cut], means[len(means) - 1 - cut]


def verdict(least, most, higher_is_better):
    """Of a ratio here / base."""
    if least is None:
        return "too few pairs"
    if least <= 1 <= most:
        return "no change"
    return "better" if (least > 1) == higher_is_better else "WORSE"


def run_once(program, library, words, seconds):
    """Phase to its line."""
    directory = tempfile.mkdtemp(prefix="shale_quick_")
    try:
        told = subprocess.run([program, *words, "--seconds", str(seconds), "--dir", directory, "--warm-mib", "512"],
                              env=dict(os.environ, LD_LIBRARY_PATH=library), capture_output=True, text=True, timeout=600)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.sync()
    if told.returncode != 0:
        raise SystemExit(f"bench-quick: with {library}: {told.stderr.strip() or told.returncode}")
    lines = [dict(zip(figures.COLUMNS, row)) for row in csv.reader(told.stdout.splitlines())]
    wrong = [line for line in lines if line["errors"] not in ("", "0")]
    if wrong:
        raise SystemExit(f"bench-quick: with {library}: {wrong[0]['errors']} errors in {wrong[0]['phase']}: {told.stderr.strip()}")
    return {line["phase"]: line for line in lines if line["phase"] in PHASES}


def compare(pairs):
    """Rows of the table. pairs: cell to a list of (base, here), each phase to line."""
    rows = [["", "", "base", "here", "here / base", "99 %", ""]]
    for cell, runs in pairs.items():
        for phase in runs[0][0]:
            for column, name, higher_is_better in COLUMNS:
                base = [float(b[phase][column]) for b, _ in runs]
                here = [float(h[phase][column]) for _, h in runs]
                logs = [math.log(h / b) for b, h in zip(base, here) if b > 0 and h > 0]
                told = [None if v is None else math.exp(v) for v in paired_interval(logs)]
                interval = "-" if told[1] is None else f"{told[1]:.3f}-{told[2]:.3f}"
                rows.append([f"{cell}, {phase}", name, figures.with_spread(base), figures.with_spread(here), f"{told[0]:.3f}", interval,
                             verdict(told[1], told[2], higher_is_better)])
    return rows


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--base", required=True, help="directory with the older libshale.so.1")
    parser.add_argument("--here", required=True, help="directory with this tree's")
    parser.add_argument("--revision", default="the older revision")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--seconds", type=float, help="of each phase")
    parser.add_argument("--only", default="", help="one of: " + ", ".join(c[0] for c in CELLS))
    args = parser.parse_args(argv)
    cells = [c for c in CELLS if args.only in ("", c[0])]
    if rank_limit(args.pairs, 0.99) < 0:
        print("fewer than 8 pairs: whatever is seen, nothing can be told from it")
    pairs = {cell[0]: [] for cell in cells}
    for n in range(args.pairs):
        print(f"pair {n + 1} of {args.pairs}", flush=True)
        for name, words, seconds in cells:
            run = lambda library: run_once(args.program, os.path.abspath(library), words.split(), args.seconds or seconds)
            first, second = (args.base, args.here) if n % 2 == 0 else (args.here, args.base)
            seen = {first: run(first), second: run(second)}
            pairs[name].append((seen[args.base], seen[args.here]))
    print(f"\nmedian (least-most) of {args.pairs} pairs; base: {args.revision}\n")
    print(figures.table(compare(pairs), right=(2, 3, 4, 5)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
