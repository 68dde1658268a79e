"""What is measured, and what it is to show: data only.

A cell is one workload with its sizes. Its engines take turns in every round. Names of engines are those that the programs tell
with --list; an engine that no program has is told once and left out."""

MAIN = ["shale", "leveldb64", "rocksdb", "lmdb", "badger"]
CORE = ["shale", "rocksdb", "badger"]
OTHERS = ["shale", "rocksdb-unordered", "rocksdb-blob", "wiredtiger", "sqlite", "pebble", "bbolt", "shale-go", "shale-java",
          "rocksjava"]
CACHES = ["shale", "seed-shape", "bigcache", "freecache", "ristretto", "otter", "onetbb", "mutex-map", "shale-go", "shale-java",
          "caffeine", "memcached", "redis"]


def cell(name, group, workload, engines, threads=64, seconds=3.0, value_bytes=1024, keys=1_000_000, budget_mib=512,
         rounds=None, phases=1, load_s=0.0, quick=False, clazz="store"):
    """phases and load_s: for the estimate of time only. rounds: at most so many. quick: also a part of --quick."""
    return dict(name=name, group=group, workload=workload, engines=engines, threads=threads, seconds=seconds,
                value_bytes=value_bytes, keys=keys, budget_mib=budget_mib, rounds=rounds, phases=phases, load_s=load_s,
                quick=quick, clazz=clazz)


CELLS = [
    # The seeds' workload: 64 workers and 1,024 bytes are the promise, the rest shows how it holds.
    cell("seeds", "seeds", "seeds", MAIN + ["leveldb"], phases=3, quick=True),
    cell("seeds-others", "seeds", "seeds", OTHERS, phases=3, rounds=2, quick=True),
    cell("seeds-100", "seeds", "seeds", MAIN, value_bytes=100, seconds=1.5, phases=3, quick=True),
    cell("seeds-t1", "seeds", "seeds", MAIN, threads=1, seconds=1.0, phases=3, rounds=3),
    cell("seeds-t2", "seeds", "seeds", MAIN, threads=2, seconds=1.0, phases=3, rounds=3),
    cell("seeds-t8", "seeds", "seeds", MAIN, threads=8, seconds=1.0, phases=3, rounds=3),
    *[cell(f"ycsb-{x}", "ycsb", f"ycsb-{x}", CORE + (["lmdb"] if x == "e" else []), seconds=3.0, load_s=4, quick=x in "ae")
      for x in "abcdef"],
    # Four times as many bytes as the budget.
    cell("ycsb-c-4x", "ycsb", "ycsb-c", CORE, seconds=3.0, budget_mib=256, load_s=5, rounds=3),
    cell("ycsb-a-4x", "ycsb", "ycsb-a", CORE, seconds=3.0, budget_mib=256, load_s=5, rounds=3),
    cell("dbbench", "dbbench", "dbbench", MAIN, seconds=1.5, phases=6, rounds=3),
    cell("dbbench-100", "dbbench", "dbbench", CORE, seconds=1.5, value_bytes=100, keys=4_000_000, phases=6, rounds=3),
    cell("fillsync", "sync", "fillsync", CORE, seconds=2.0, rounds=3),
    cell("sync", "sync", "sync", CORE + ["lmdb"], seconds=2.0, quick=True),
    cell("sync-t1", "sync", "sync", CORE, threads=1, seconds=2.0, rounds=3),
    cell("scan10", "scans", "scan10", MAIN, threads=8, seconds=2.0, load_s=5, rounds=3),
    cell("scan1000", "scans", "scan1000", MAIN, threads=8, seconds=2.0, load_s=5, rounds=3),
    cell("ttl", "ttl", "ttl", ["shale", "badger"], seconds=3.0, rounds=3),
    cell("open", "open", "open", ["shale", "leveldb", "rocksdb", "badger"], threads=4, keys=2_000_000, load_s=15, seconds=1.0,
         rounds=2),
    cell("recover", "open", "recover", ["shale", "leveldb", "rocksdb"], threads=4, keys=1_000_000, load_s=12, seconds=1.0,
         rounds=2),
    # The shape of the first seed's own benchmark: hot keys, 100 bytes. Beside a cache
    # built as that one is, then beside all.
    *[cell(f"cache-{w}-t{t}", "caches", f"cache-{w}", ["shale", "seed-shape"], threads=t, seconds=1.0, value_bytes=100,
           keys=10_000, clazz="cache", quick=w == "mixed")
      for w in ("read", "write", "mixed") for t in (2, 100)],
    *[cell(f"cache-{w}-t8", "caches", f"cache-{w}", CACHES, threads=8, seconds=1.0, value_bytes=100, keys=10_000, clazz="cache",
           rounds=2, quick=w == "mixed") for w in ("read", "write", "mixed")],
    cell("cache-zipf", "caches", "cache-zipf", CACHES, threads=8, seconds=1.0, value_bytes=100, keys=1_000_000, budget_mib=64,
         clazz="cache", rounds=2),
]

# A minute a phase: apart, since it takes hours with all.
LONG_CELLS = [
    cell("seeds-60s", "long", "seeds", CORE + ["leveldb64", "lmdb"], seconds=60.0, phases=3),
    cell("ycsb-e-60s", "long", "ycsb-e", CORE + ["lmdb"], seconds=60.0, load_s=4),
]

BUDGETS = {c["name"]: c["budget_mib"] for c in CELLS + LONG_CELLS}


def goal(text, in_cell, phase, than, sign, factor, column="ops_per_s", of="shale", than_cell=None, than_phase=None):
    """of's column divided by than's, taken round by round, then the median. than: one engine, or several for the greatest of
    them (of a rate), the least (of a time). None: the figure itself."""
    return dict(text=text, cell=in_cell, phase=phase, than=than, sign=sign, factor=factor, column=column, of=of,
                than_cell=than_cell or in_cell, than_phase=than_phase or phase)


BEST = ["rocksdb", "badger"]
GOALS = [
    goal("writes: x Badger", "seeds", "write", ["badger"], ">=", 4),
    goal("writes: x RocksDB", "seeds", "write", ["rocksdb"], ">=", 6),
    goal("writes: x LMDB without sync", "seeds", "write", ["lmdb"], ">=", 3.5),
    goal("hot reads: x Badger", "seeds", "hot", ["badger"], ">=", 12),
    goal("hot reads: x LMDB", "seeds", "hot", ["lmdb"], ">=", 1.3),
    goal("cold reads: x Badger", "seeds", "cold", ["badger"], ">=", 4),
    goal("cold reads: x LMDB", "seeds", "cold", ["lmdb"], ">=", 1),
    goal("60 s of writes: x Badger", "seeds-60s", "write", ["badger"], ">=", 3),
    goal("60 s of writes: x RocksDB", "seeds-60s", "write", ["rocksdb"], ">=", 3),
    goal("60 s of writes: space on disk / live bytes", "seeds-60s", "write", None, "<=", 2, column="space"),
    goal("100 bytes, writes: x RocksDB", "seeds-100", "write", ["rocksdb"], ">=", 2.5),
    goal("100 bytes, cold reads: x RocksDB", "seeds-100", "cold", ["rocksdb"], ">=", 3),
    *[goal(f"YCSB {x.upper()}: x the better of RocksDB and Badger", f"ycsb-{x}", "run", BEST, ">=", 3) for x in "abcdf"],
    goal("YCSB E (scans): x RocksDB", "ycsb-e", "run", ["rocksdb"], ">=", 1),
    goal("60 s of YCSB E: x RocksDB", "ycsb-e-60s", "run", ["rocksdb"], ">=", 1),
    goal("synced writes, 64 threads: x RocksDB", "sync", "write", ["rocksdb"], ">=", 1),
    *[goal(f"99.9th percentile of writes, {c}: x RocksDB", c, p, ["rocksdb"], "<=", 1, column="p999_us")
      for c, p in [("seeds", "write"), ("seeds-100", "write"), ("seeds-t1", "write"), ("seeds-t2", "write"),
                   ("seeds-t8", "write"), ("seeds-60s", "write"), ("ycsb-a", "run-writes"), ("ycsb-b", "run-writes"),
                   ("ycsb-d", "run-writes"), ("ycsb-e", "run-writes"), ("ycsb-f", "run-writes"),
                   ("ycsb-a-4x", "run-writes"), ("dbbench", "fillrandom"), ("dbbench", "overwrite"),
                   ("dbbench-100", "fillrandom"), ("dbbench-100", "overwrite"), ("fillsync", "fillsync"),
                   ("sync", "write"), ("sync-t1", "write")]],
    *[goal(f"hot keys in memory, {w}, 2 threads: x the first seed's shape", f"cache-{w}-t2", "run", ["seed-shape"], ">=", 8)
      for w in ("read", "write", "mixed")],
    *[goal(f"hot keys in memory, {w}: time an operation at 100 threads / at 2", f"cache-{w}-t2", "run", ["shale"], "<=", 1.1,
           than_cell=f"cache-{w}-t100") for w in ("read", "write", "mixed")],
    goal("open of a closed store: time / one LevelDB's", "open", "open", ["leveldb"], "<=", 3, column="seconds"),
    goal("recovery: seconds a GiB of unapplied log", "recover", "recover", None, "<=", 2, column="seconds_per_gib"),
    goal("peak memory above the budget, MiB, any run", None, None, None, "<=", 64, column="rss_above_budget"),
]
