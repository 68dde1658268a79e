#!/usr/bin/env python3
"""Random cases made of the suite's own lines with other keys, values and numbers in them, run by the C runner in all four ways.
Nobody knows what must come of them; but arrays and packed buffers must give the same, memory and disk must give the same where
the manual says so, no form may contradict another, and nothing may crash or leak. Best with a sanitizer:

    make SAN=asan build-asan/tests/conformance/conformance_test
    tests/conformance/fuzz.py build-asan SECONDS        SEED=n repeats a run"""
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
KEYS = ['"a"', '"b"', '"c"', '"k"', '"n"', '"p1"', '"\\x00"', '"\\xff"', '"\\xff\\xff"', '"a\\x00"', '"k"*65535', '"user:1"']
BAD_KEYS = ['""', '"k"*65536']
VALUES = ['""', '"v"', '"7"', '"-1"', '"9223372036854775807"', '"\\x00"', '"x"*600', '"y"*5000', '"z"*70000', '"w"*16',
          '"w"*17']
NUMBERS = ["0", "1", "-1", "2", "3", "-7", "1000", "9223372036854775807", "-9223372036854775808"]
TIMES = ["60000", "never", "default", "keep", "-5", "3000000000000"]
# Lines that take long, or whose outcome hangs on the clock, or on what the memory tier happens to hold.
LEFT_OUT = re.compile(r"^(sleep-ms|stat|option|destroy|open-again|close|reopen .*=|set-option|prometheus|removals|reclaim|verify|salvage|estimate|"
                      r"backup|rewrite|snapshot)"
                      r"|missing=\d{1,4}\b|^load.*(hold|wait)=|^expire \S+ \d{1,4}$|ttl=\d{1,4}\b"
                      r"|^compare-version\S+ \S+ [\d$]|cache-only|^iter .*keys-only|\*\d{6,}|cdef")
# Lines that may differ between memory and disk: what an iterator sees, numbers of versions, and that memory forgets.
DIFFERENT = re.compile(r"^(iter|next|rows|token|resume|free|version-of|compare-version|reopen)")


def suite_operations():
    """Operations with their rows, without what is expected: of a batch the rows are input, of others they are not."""
    found = []
    for path in sorted(HERE.glob("*.txt")):
        for line in path.read_text().split("\n"):
            if line.startswith("  "):
                if found and found[-1][0].startswith(("batch", "load ")):
                    found[-1].append(line)
            elif line and not line.startswith(("#", "==", "store:", "option:")):
                found.append([re.sub(r" -> (?!OK \$).*", "", line)])
    return [lines for lines in found if not any(LEFT_OUT.search(line) for line in lines)]


def changed(rng, line):
    """The line with some of its strings and numbers replaced. A bad key only where all or nothing is done."""
    many = line.startswith("multi-")
    keys = KEYS if many else KEYS + BAD_KEYS

    def word(match):
        text = match.group()
        if rng.random() < 0.6:
            return text
        if text.startswith("ttl="):
            return "ttl=" + rng.choice(TIMES)
        if text.startswith('"'):
            return rng.choice(keys if many or rng.random() < 0.6 else VALUES)
        if line.startswith("expire"):
            return rng.choice(["60000", "never", "default", "-5"])
        return text if line.startswith("compare-version") else rng.choice(NUMBERS)

    return re.sub(r'ttl=\S+|(?:"(?:\\.|[^"\\])*"(?:\*\d+)?\+?)+|(?<=[ =])-?\d+(?=$| )', word, line)


def case_text(rng, operations):
    lines = ["== random", "store: both"]
    for _ in range(rng.randint(10, 60)):
        lines += [changed(rng, line) for line in rng.choice(operations)]
    return "\n".join(line for line in lines if '""+' not in line) + "\n"


def transcripts(output):
    """What each way of running printed, by its name."""
    ways, lines = {}, []
    for line in output.split("\n"):
        match = re.match(r"^(ok|FAIL) conformance: .* \(([a-z, ]+)\)", line)
        if match:
            ways[match.group(2)] = lines + ([line] if match.group(1) == "FAIL" else [])
            lines = []
        else:
            lines.append(line)
    return ways


def problem_of(runner, path, alike):
    done = subprocess.run([runner, "--transcript", path], capture_output=True, text=True, errors="replace", timeout=120)
    if done.returncode != 0 or done.stderr:
        return f"ended with {done.returncode}: {done.stderr[-3000:]}{done.stdout[-300:]}"
    ways = transcripts(done.stdout)
    for name, lines in ways.items():
        for line in lines:
            if "COMPLAINT" in line or line.startswith("FAIL"):
                return f"{name}: {line}"
    pairs = [("memory", "memory, packed"), ("disk", "disk, packed")] + [("memory", "disk")] * alike
    for one, other in pairs:
        if len(ways[one]) != len(ways[other]):
            return f"{one} has {len(ways[one])} lines, {other} {len(ways[other])}"
        for a, b in zip(ways[one], ways[other]):
            if a != b:
                return f"{one}: {a}\n{other}: {b}"
    return None


def main():
    runner = str(pathlib.Path(sys.argv[1]) / "tests/conformance/conformance_test")
    seconds = float(sys.argv[2])
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
    rng, operations = random.Random(seed), suite_operations()
    same = [lines for lines in operations if not DIFFERENT.search(lines[0])]
    print(f"SEED={seed}", flush=True)
    end, count = time.monotonic() + seconds, 0
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "random.txt")
        while time.monotonic() < end:
            alike = rng.random() < 0.5
            text = case_text(rng, same if alike else operations)
            pathlib.Path(path).write_text(text)
            problem = problem_of(runner, path, alike)
            if problem:
                print(f"FAIL conformance fuzz: case {count} of SEED={seed}: {problem}\n{text}")
                sys.exit(1)
            count += 1
    print(f"ok conformance fuzz: {count} random cases")


main()
