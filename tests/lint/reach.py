#!/usr/bin/env python3
"""Every function of the C interface is reached from every language, or bindings/LANGUAGE/unreached.txt says why not. Reached
means that the hand-written layer calls it: the language's own code by the raw name, or C glue that this code calls in turn.
Comments, tests, and what SWIG wrote do not count. reach.py [ROOT]"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
SUFFIX = {"java": ".java", "go": ".go", "ruby": ".rb"}
GLUE = (".i", ".c", ".h")
RAW_MODULES = r"(?:cshale|\w*JNI|Raw)"
errors = []


def is_hand_written(path):
    parts = set(path.parts) & {"test", "tests", "bench", "examples", "build", "tmp", "pkg"}
    return not parts and "_wrap" not in path.name and "_test" not in path.name and "generated" not in path.name


def code_of(path):
    """The text without comments. Strings stay: no symbol is likely to stand in one."""
    text = path.read_text(errors="replace")
    if path.suffix == ".rb":
        return re.sub(r"(^|\s)#(?!\{).*", "", text)
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return re.sub(r"(?<!:)//.*", "", text)


def plain(name):
    """Names differ by language in capitals and underscores only."""
    return name.replace("_", "").lower()


def language_names(files):
    """All names in the language's code, and those that are looked up in the raw module."""
    text = "\n".join(code_of(f) for f in files)
    words = {plain(w) for w in re.findall(r"\w+", text)}
    raw = {plain(w) for w in re.findall(RAW_MODULES + r"[.:]+(\w+)", text)}
    return words, raw


def end_of_block(text, at):
    """The place behind the brace that closes the one at `at`."""
    depth = 0
    for match in re.finditer(r"[{}]", text[at:]):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return at + match.end()
    return len(text)


def glue_parts(files):
    """C functions of the glue by name, with the names that stand in them; and all other lines: macro uses, typemaps, tables."""
    head = re.compile(r"^[A-Za-z][\w \t*]*?\b(\w+)\([^;{}]*\)\s*(?=\{)", re.M)
    functions, rest = {}, []
    for path in files:
        text = re.sub(r"^\s*%(ignore|rename|newobject)\b.*", "", code_of(path), flags=re.M)
        at = 0
        while match := head.search(text, at):
            end = end_of_block(text, match.end())
            functions.setdefault(plain(match.group(1)), []).append(text[match.end():end])
            rest.append(text[at:match.start()])
            at = end
        rest.append(text[at:])
    lines = [line for line in "\n".join(rest).split("\n") if not re.match(r"^[A-Za-z][\w \t*]*\b\w+\(.*\);", line)]
    return functions, lines


def entry_points(functions, lines, words):
    """Functions of the glue that are called from outside of it: by the language, by a typemap, as a method, as a callback."""
    entries = {name for name in functions if name in words}
    for bodies in functions.values():
        for body in bodies:
            entries |= {plain(n) for n in re.findall(r"rb_define_(?:method|alloc_func)\([^;]*?(\w+)(?:, -?\d+)?\);", body)}
            named = re.findall(r'rb_define_module_function\(\w+, "(\w+)", (\w+)', body)
            entries |= {plain(function) for name, function in named if plain(name) in words}
    for line in lines:
        entries |= {plain(n) for n in re.findall(r"\w+", line)}
    return entries & set(functions)


def reached_symbols(symbols, words, raw, functions, lines):
    reached = {s for s in symbols if plain(s) in words or plain(s.removeprefix("shale_")) in raw}
    for line in lines:
        macro = re.match(r"^([A-Z][A-Z0-9_]*)\((.*)\)", line)
        names = re.findall(r"\w+", macro.group(2)) if macro else []
        if any(plain(n) in raw or plain(n) in words for n in names):
            reached |= set(names) & symbols
        if not macro:
            reached |= set(re.findall(r"\w+(?=\s*\()", line)) & symbols
    alive, waiting = set(), list(entry_points(functions, lines, words))
    while waiting:
        name = waiting.pop()
        if name in alive:
            continue
        alive.add(name)
        inside = {n for body in functions[name] for n in re.findall(r"\w+", re.sub(r"rb_define_\w+\([^;]*;", "", body))}
        reached |= inside & symbols
        waiting += [plain(n) for n in inside if plain(n) in functions]
    return reached


def listed_symbols(path, symbols):
    listed = {}
    if not path.exists():
        return listed
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        name, _, reason = line.partition(": ")
        if name not in symbols:
            errors.append(f"{path}:{number}: {name} is no function of the library")
        elif len(reason.split()) < 2:
            errors.append(f"{path}:{number}: {name}: a reason is missing")
        elif name in listed:
            errors.append(f"{path}:{number}: {name} stands twice")
        listed[name] = number
    return listed


def check(language, symbols):
    folder = ROOT / "bindings" / language
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and is_hand_written(p.relative_to(folder))]
    words, raw = language_names([p for p in files if p.suffix == SUFFIX[language] and "internal" not in p.parts])
    functions, rest = glue_parts([p for p in files if p.suffix in GLUE])
    reached = reached_symbols(symbols, words, raw, functions, rest)
    listed = listed_symbols(folder / "unreached.txt", symbols)
    for name in sorted(symbols - reached - set(listed)):
        errors.append(f"bindings/{language}: {name} is never called; call it, or say why not in unreached.txt")
    for name in sorted(reached & set(listed)):
        errors.append(f"{folder}/unreached.txt:{listed[name]}: {name} is called by now; remove the line")
    return len(reached)


symbols = {line.split("@")[0] for line in (ROOT / "lib/abi/shale.symbols").read_text().split("\n") if line}
counts = {name: check(name, symbols) for name in SUFFIX if (ROOT / "bindings" / name).is_dir()}
for line in errors:
    print("FAIL reach:", line)
if not errors:
    found = ", ".join(f"{name} {count} of {len(symbols)}" for name, count in counts.items())
    print("ok reach:", found or "no language is here")
sys.exit(bool(errors))
