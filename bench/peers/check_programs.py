#!/usr/bin/env python3
"""Runs every engine of every program with every workload for a moment, and looks at what it prints: columns, numbers, no
errors, an exit status that says what happened. Prints a table of operations a second; ends with 1 if something was wrong.

    check_programs.py build/peers/peer_*            # all
    check_programs.py --engines badger --workloads seeds,ttl build/peers/peer_go
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

COLUMNS = ("engine workload phase threads value_bytes keys seconds ops ops_per_s cpu_us_per_op p50_us p99_us p999_us max_us "
           "written_bytes_per_op rss_peak_mib disk_mib live_mib errors").split()
WORKLOADS = {
    "store": ["seeds", "sync", "ycsb-a", "ycsb-b", "ycsb-c", "ycsb-d", "ycsb-e", "ycsb-f", "dbbench", "fillsync", "scan10",
              "scan1000", "open", "recover", "ttl"],
    "cache": ["cache-read", "cache-write", "cache-mixed", "cache-zipf"],
}
NOT_DONE = 3


def lines_of(row):
    """What is wrong with one line of CSV, and its columns by name."""
    cells = row.split(",")
    if len(cells) != len(COLUMNS):
        return f"{len(cells)} columns, not {len(COLUMNS)}: {row}", {}
    named = dict(zip(COLUMNS, cells))
    for name in COLUMNS[3:]:
        try:
            if named[name] and float(named[name]) < 0:
                return f"{name} is negative: {row}", named
        except ValueError:
            return f"{name} is no number: {row}", named
    if float(named["ops"] or 0) <= 0 or named["errors"] != "0":
        return f"{named['phase']}: {named['ops']} operations, {named['errors']} errors", named
    order = [float(named[c]) for c in ("p50_us", "p99_us", "p999_us", "max_us") if named[c]]
    return ("" if order == sorted(order) else f"quantiles fall: {row}"), named


def measure(program, engine, workload, options):
    """One call of a program: what is wrong, and its rows."""
    directory = tempfile.mkdtemp(prefix="shale-peers-")
    command = [program, "--engine", engine, "--workload", workload, "--threads", options.threads, "--seconds", options.seconds,
               "--value-bytes", options.value_bytes, "--keys", options.keys, "--budget-mib", options.budget_mib,
               "--durability", "os", "--dir", directory, "--seed", "7"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=options.patience)
    except subprocess.TimeoutExpired:
        return f"not over after {options.patience} s", []
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    said = run.stderr.strip().replace("\n", " | ")
    if run.returncode == NOT_DONE:
        print(f"     {engine} {workload}: {said}")
        return ("" if said and not run.stdout else "not done, without a reason or with rows"), []
    if run.returncode != 0:
        return f"ended with {run.returncode}: {said[-500:]}", []
    rows, wrong = [], ""
    for line in run.stdout.splitlines():
        problem, named = lines_of(line)
        wrong = wrong or problem
        rows.append(named)
    return wrong or ("" if rows else "no rows") or (f"said: {said[-500:]}" if said else ""), rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="+")
    parser.add_argument("--engines", default="", help="only these")
    parser.add_argument("--workloads", default="", help="only these")
    for name, value in (("threads", "4"), ("seconds", "0.5"), ("value-bytes", "200"), ("keys", "100000"), ("budget-mib", "64")):
        parser.add_argument("--" + name, default=value)
    parser.add_argument("--patience", type=float, default=300, help="seconds that one call may take")
    options = parser.parse_args()
    bad = 0
    for program in options.programs:
        if not os.access(program, os.X_OK):
            continue
        engines = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.splitlines()
        for name, version, clazz in (line.split("\t") for line in engines):
            if options.engines and name not in options.engines.split(","):
                continue
            for workload in WORKLOADS[clazz]:
                if options.workloads and workload not in options.workloads.split(","):
                    continue
                wrong, rows = measure(program, name, workload, options)
                bad += bool(wrong)
                parts = [f"{r['phase']} {float(r['ops_per_s']):,.0f}" for r in rows if r.get("ops_per_s")]
                print(f"{'FAIL' if wrong else 'ok  '} {name} {version} {workload}: {wrong or ', '.join(parts)}", flush=True)
    sys.exit(bool(bad))


main()
