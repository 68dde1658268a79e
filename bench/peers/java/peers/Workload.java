package peers;

import java.util.Map;
import java.util.TreeMap;

/** A class of engine and what to do with it. */
record Workload(boolean isForCaches, boolean opensByItself, Body body) {
  static final int USER_KEY_BYTES = 23;
  static final int PLAIN_KEY_BYTES = 16;
  private static final Map<String, Workload> ALL = new TreeMap<>();

  interface Body {
    void run(Session session) throws Exception;
  }

  static {
    store("seeds", SeedsWork::seeds);
    ALL.put("sync", new Workload(false, true, SeedsWork::sync));
    store("ycsb-a", s -> YcsbWork.run(s, YcsbWork.Mix.of(50, 0, 0, 0)));
    store("ycsb-b", s -> YcsbWork.run(s, YcsbWork.Mix.of(5, 0, 0, 0)));
    store("ycsb-c", s -> YcsbWork.run(s, YcsbWork.Mix.of(0, 0, 0, 0)));
    store("ycsb-d", s -> YcsbWork.run(s, YcsbWork.Mix.of(0, 5, 0, 0)));
    store("ycsb-e", s -> YcsbWork.run(s, YcsbWork.Mix.of(0, 5, 95, 0)));
    store("ycsb-f", s -> YcsbWork.run(s, YcsbWork.Mix.of(0, 0, 0, 50)));
    store("dbbench", DbBenchWork::run);
    ALL.put("fillsync", new Workload(false, true, DbBenchWork::fillSync));
    store("scan10", s -> DbBenchWork.scans(s, 10));
    store("scan1000", s -> DbBenchWork.scans(s, 1000));
    ALL.put("open", new Workload(false, false, OpenWork::clean));
    ALL.put("recover", new Workload(false, true, OpenWork::killed));
    store("ttl", SeedsWork::deadlines);
    cache("cache-read", s -> CacheWork.fits(s, 0));
    cache("cache-mixed", s -> CacheWork.fits(s, 25));
    cache("cache-write", s -> CacheWork.fits(s, 100));
    cache("cache-zipf", CacheWork::zipf);
  }

  private static void store(String name, Body body) { ALL.put(name, new Workload(false, false, body)); }

  private static void cache(String name, Body body) { ALL.put(name, new Workload(true, false, body)); }

  static Workload named(String name) {
    Workload found = ALL.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no such workload: " + name + "; there are " + ALL.keySet());
    }
    return found;
  }
}
