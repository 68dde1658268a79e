#!/usr/bin/env python3
"""Style that a machine can check, with the mend in each message. Prints what breaks it."""
import pathlib
import re
import subprocess
import sys

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
TEST_ALLOWANCE = 1.15  # tests tell long stories
# Files that are longer for a reason. This list may only shrink.
LONGER = {"include/shale/shale.h"}
BANNED = [
    (r"\bstd::(mutex|lock_guard|unique_lock|condition_variable)\b", "use base/mutex.h", {"lib/base/mutex.h"}),
    (r"\b(TODO|FIXME|XXX)\b", "finish it, or say in lib/DECISIONS.md why not", set()),
    (r"\bstd::(cout|cerr)\b|\bprintf\(", "the library prints nothing", None),
    (r"\b(clock_gettime|gettimeofday|time)\(\s*(NULL|nullptr|CLOCK_REALTIME)", "take the time from base/clock.h",
     {"lib/base/clock.cc"}),
    (r"\bassert\(", "use base/check.h", set()),
    (r"\bthrow\s+std::", "return a Status", {"lib/base/fork_guard.cc", "lib/base/thread_scratch.cc", "lib/store/index_health.cc"}),
]
errors = []

try:
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    files = [pathlib.Path(f) for f in tracked.stdout.split("\n") if f]
except FileNotFoundError:
    files = []
if not files:  # a source tree without git
    files = [p for p in pathlib.Path(".").rglob("*") if not str(p).startswith(("build", ".git/"))]
files = [f for f in files if f.is_file()]
made_by_swig = "_wrap.c"  # checked in, and compared with what SWIG makes by a test of the binding
code = [f for f in files if f.suffix in (".h", ".cc", ".c", ".def") and not f.name.endswith(made_by_swig)]

for f in code:
    lines = f.read_text().split("\n")
    allowance = TEST_ALLOWANCE if str(f).startswith("tests/") else 1
    if len(lines) - 1 > FILE_LINES_MAX * allowance and str(f) not in LONGER and f.suffix != ".def":
        errors.append(f"{f}: {len(lines) - 1} lines; is there a second thing inside? ({FILE_LINES_MAX} is the limit)")
    in_lib = str(f).startswith("lib/")
    start = None
    for number, line in enumerate(lines, 1):
        if len(line) > 128:
            errors.append(f"{f}:{number}: {len(line)} columns; run make format")
        if "\t" in line:
            errors.append(f"{f}:{number}: a tab")
        if line != line.rstrip():
            errors.append(f"{f}:{number}: white space at the end")
        if in_lib:
            text = re.sub(r"//.*", "", line)
            for pattern, mend, allowed in BANNED:
                if allowed is None and ("fprintf(stderr" in text or "snprintf(" in text):
                    continue
                if re.search(pattern, text) and not (allowed and str(f) in allowed):
                    errors.append(f"{f}:{number}: {line.strip()[:60]}: {mend}")
        # Functions that begin in column 0 and end with a brace in column 0.
        if re.match(r"^[A-Za-z].*[)a-zA-Z] \{$", line) and not re.match(r"^(namespace|struct|class|enum|union|extern|typedef)\b", line):
            start = number
        if line == "}" and start is not None:
            if number - start > FUNCTION_LINES_MAX * allowance:
                errors.append(f"{f}:{start}: a function of {number - start} lines; {FUNCTION_LINES_MAX} is the limit")
            start = None

# One file name, one place: x.h and x.cc belong together and live side by side.
where = {}
for f in code:
    if str(f).startswith(("lib/", "tools/", "bench/")):
        where.setdefault(f.stem, set()).add(str(f.parent))
for stem, places in sorted(where.items()):
    if len(places) > 1:
        errors.append(f"file name {stem} is used in {', '.join(sorted(places))}; names are unique over the tree")

for line in errors:
    print("FAIL", line)
if not errors:
    print(f"ok style: {len(code)} files")
sys.exit(bool(errors))
