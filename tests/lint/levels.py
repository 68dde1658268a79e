#!/usr/bin/env python3
"""The folder is the law: a file of lib/ includes only what stands above it in lib/LEVELS; cache/ and store/ never meet; only
store/ includes leveldb/; only abi/ says extern "C"; tools/ and bindings/ see only shale.h. Prints what breaks it."""
import pathlib
import re
import sys

LIB = pathlib.Path("lib")
order = [line for line in (LIB / "LEVELS").read_text().split("\n") if line and line[0] != "#"]
level = {name: i for i, name in enumerate(order)}
errors = []


def room(name):
    return name.split("/")[0]


for path in sorted(p for p in LIB.rglob("*") if p.suffix in (".h", ".cc", ".def")):
    me = str(path.relative_to(LIB).with_suffix(""))
    text = path.read_text()
    if me not in level:
        errors.append(f"{path}: not listed in lib/LEVELS")
        continue
    for included in re.findall(r'#include "([^"]+)"', text):
        name = included.rsplit(".", 1)[0]
        if name == "shale/shale":
            if room(me) != "abi":
                errors.append(f"{path}: only abi/ includes the public header")
            continue
        if name not in level:
            errors.append(f"{path}: includes {included}, which is not in lib/LEVELS")
            continue
        if level[name] > level[me]:
            errors.append(f"{path}: includes {included}, which stands below it")
        if {room(me), room(name)} == {"cache", "store"}:
            errors.append(f"{path}: the tiers must not know each other ({included})")
    if "<leveldb/" in text and room(me) != "store":
        errors.append(f"{path}: only store/ includes leveldb/")
    if re.search(r'extern "C"', re.sub(r"//.*", "", text)) and room(me) != "abi":
        errors.append(f'{path}: only abi/ says extern "C"')
for name in order:
    if not any((LIB / f"{name}{end}").exists() for end in (".h", ".cc", ".def")):
        errors.append(f"lib/LEVELS: {name} has no file")
if len(set(order)) != len(order):
    errors.append("lib/LEVELS: a name stands twice")
for top in ("tools", "bindings", "examples"):
    for path in sorted(p for p in pathlib.Path(top).rglob("*") if p.suffix in (".h", ".cc", ".c", ".cpp")):
        if path.name.endswith("_wrap.c"):   # made by SWIG
            continue
        own = {p.name for p in pathlib.Path(top).rglob("*.h")}
        for included in re.findall(r'#include "([^"]+)"', path.read_text()):
            if included != "shale/shale.h" and pathlib.PurePath(included).name not in own:
                errors.append(f"{path}: sees {included}; only shale.h is allowed")
for line in errors:
    print("FAIL", line)
if not errors:
    print(f"ok folder law: {len(order)} components")
sys.exit(bool(errors))
