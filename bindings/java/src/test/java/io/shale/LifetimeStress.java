package io.shale;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Everything that lives and ends in native memory, under a garbage collector that runs all the time: 8
 * threads share stores that are closed under their feet, walk cursors after their store was closed or forget
 * them, and close twice. Counts what was done, and fails on a wrong value, an undocumented exception, a
 * handle that is left, or memory that grows.
 *
 * <p>Usage: LifetimeStress; the environment may set OPS (operations, 1,000,000) and SEED. To be run with
 * -Xcheck:jni, and for the memory to tell something with -Xms as -Xmx, -XX:+AlwaysPreTouch and
 * MALLOC_ARENA_MAX=1: else the heap and glibc's free lists for each thread go on growing for minutes.
 */
final class LifetimeStress {
  private static final int THREADS = 8;
  private static final int STORES = 4;
  private static final int KEYS = 500;

  /**
   * Before the operations that count: the compiler of the virtual machine takes memory and gives it back
   * meanwhile.
   */
  private static final long WARM_UP_OPS_MAX = 1_000_000;

  private static final long PAGE_BYTES = 4096;
  private static final long GROWTH_BYTES_MAX = 1 << 20;

  /** What a run that is too short for that may grow by: the compiler is not done yet. */
  private static final long SHORT_GROWTH_BYTES_MAX = 6 << 20;

  private final long ops;
  private final long warmUpOps;
  private final long seed;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong closedSeen = new AtomicLong();
  private final AtomicLong storesClosed = new AtomicLong();
  private final AtomicLong forgotten = new AtomicLong();
  private final AtomicReferenceArray<Shale> stores = new AtomicReferenceArray<>(STORES);
  private final AtomicReferenceArray<Cursor> strays = new AtomicReferenceArray<>(16);
  private final AtomicReference<Throwable> wrong = new AtomicReference<>();

  private LifetimeStress(long ops, long seed) {
    this.ops = ops;
    this.warmUpOps = Math.min(ops, WARM_UP_OPS_MAX);
    this.seed = seed;
  }

  public static void main(String[] args) throws Exception {
    String opsText = System.getenv("OPS");
    String seedText = System.getenv("SEED");
    long ops = opsText != null ? Long.parseLong(opsText) : 1_000_000;
    long seed = seedText != null ? Long.parseLong(seedText) : System.nanoTime();
    System.out.println("LifetimeStress: SEED=" + seed + " OPS=" + ops);
    System.exit(new LifetimeStress(ops, seed).run() ? 0 : 1);
  }

  private boolean run() throws Exception {
    for (int i = 0; i < STORES; i++) {
      stores.set(i, newStore());
    }
    long start = System.nanoTime();
    List<long[]> samples = new ArrayList<>();
    CountDownLatch running = new CountDownLatch(THREADS);
    for (int i = 0; i < THREADS; i++) {
      int id = i;
      new Thread(() -> work(id, running), "stress-" + i).start();
    }
    while (running.getCount() > 0) {
      Thread.sleep(50);
      samples.add(new long[] {done.get() - warmUpOps, residentBytes()});
    }
    for (int i = 0; i < STORES; i++) {
      stores.get(i).close();
      stores.set(i, null);
    }
    for (int i = 0; i < strays.length(); i++) {
      strays.set(i, null);   // never closed: the garbage collector has to find them
    }
    System.out.printf(
        "%d operations and a warm-up in %.1f s, %d stores closed while in use, %d calls met a closed one, %d cursors and stores forgotten%n",
        done.get() - warmUpOps, (System.nanoTime() - start) / 1e9, storesClosed.get(), closedSeen.get(),
        forgotten.get());
    boolean ok =
        check("every value and every error is a documented one", wrong.get() == null, "" + wrong.get());
    ok &= check(
        "all operations were done", done.get() - warmUpOps >= ops, done.get() - warmUpOps + " of " + ops);
    ok &= check("stores were closed under their users", storesClosed.get() > 0 && closedSeen.get() > 0, "");
    long left = settledHandles();
    ok &= check("no handle is left", left == 0, left + " are");
    return ok & checkMemory(samples);
  }

  private static boolean check(String what, boolean holds, String why) {
    System.out.println((holds ? "ok" : "FAIL") + " java lifetime: " + what + (holds ? "" : ": " + why));
    return holds;
  }

  /**
   * Over the last 90 % of the run: the median of its last quarter against that of its first. Single samples
   * swing.
   */
  private boolean checkMemory(List<long[]> samples) {
    List<Long> late = new ArrayList<>();
    for (long[] sample : samples) {
      if (sample[0] >= ops / 10) {
        late.add(sample[1]);
      }
    }
    if (late.size() < 8) {
      return check("memory does not grow", false, "only " + late.size() + " samples; set OPS higher");
    }
    int quarter = late.size() / 4;
    long first = median(late.subList(0, quarter));
    long last = median(late.subList(late.size() - quarter, late.size()));
    System.out.printf(
        "resident memory after 10 %% of the run %.2f MiB, at its end %.2f MiB, growth %.2f MiB%n",
        first / 1048576.0, last / 1048576.0, (last - first) / 1048576.0);
    long most = ops < WARM_UP_OPS_MAX ? SHORT_GROWTH_BYTES_MAX : GROWTH_BYTES_MAX;
    return check("memory grows by less than " + (most >> 20) + " MiB", last - first < most,
        (last - first) + " bytes");
  }

  private static long median(List<Long> values) {
    List<Long> sorted = new ArrayList<>(values);
    sorted.sort(null);
    return sorted.get(sorted.size() / 2);
  }

  private static Shale newStore() {
    Shale store = Shale.inMemoryBuilder().memory("8MiB").open();
    for (int i = 0; i < KEYS; i += 7) {
      store.put(key(i), value(i, 100));
    }
    return store;
  }

  private void work(int id, CountDownLatch running) {
    Random random = new Random(seed + id);
    try {
      while (done.get() < warmUpOps + ops && wrong.get() == null) {
        for (int i = 0; i < 50; i++) {
          operation(random);
        }
        done.addAndGet(50);
        if (random.nextInt(100) == 0) {
          System.gc();
        }
        if (random.nextInt(100) == 0) {
          replaceStore(random);
        }
      }
    } catch (Throwable e) {
      wrong.compareAndSet(null, e);
    } finally {
      running.countDown();
    }
  }

  /** Closes a store that others use, twice or not at all, and puts a fresh one in its place. */
  private void replaceStore(Random random) {
    Shale old = stores.getAndSet(random.nextInt(STORES), newStore());
    if (random.nextInt(4) == 0) {
      forgotten.incrementAndGet();
      return;
    }
    storesClosed.incrementAndGet();
    old.close();
    if (random.nextBoolean()) {
      old.close();
    }
    try {
      old.get(key(0));
      throw new AssertionError("a closed store answered");
    } catch (ClosedException e) {
      closedSeen.incrementAndGet();
    }
  }

  private void operation(Random random) {
    Shale store = stores.get(random.nextInt(STORES));
    int i = random.nextInt(KEYS);
    try {
      perform(store, random.nextInt(18), i, random);
    } catch (ClosedException e) {
      closedSeen.incrementAndGet();
    }
  }

  private void perform(Shale store, int what, int i, Random random) {
    byte[] key = key(i);
    switch (what) {
      case 0:
        store.put(key, value(i, random.nextInt(2000)));
        break;
      case 1:
        store.put(direct(key), direct(value(i, random.nextInt(6000))));
        break;
      case 2:
        store.remove(key);
        break;
      case 3:
        ByteBuffer to = ByteBuffer.allocate(8192);
        if (store.get(key, to) > 0) {
          expect(i, to.get(0));
        }
        break;
      case 4:
        Byte first = store.read(key, view -> view.remaining() > 0 ? view.get(0) : null);
        if (first != null) {
          expect(i, first);
        }
        break;
      case 5:
        List<byte[]> all = store.getAll(List.of(key, key((i + 1) % KEYS)));
        expect(i, all.get(0));
        expect((i + 1) % KEYS, all.get(1));
        break;
      case 6:
        store.write(new WriteBatch().put(key, value(i, 50)).delete(key((i + 1) % KEYS)));
        break;
      case 7:
        walk(store, random);
        break;
      case 8:
        walkStray(random);
        break;
      case 9:
        refuse(store);
        break;
      case 10:
        store.increment("n" + i);
        break;
      case 11:
        store.getVersioned(key).ifPresent(seen -> store.compareAndSet(key, seen.version(), value(i, 70)));
        break;
      case 12:
        expect(i, load(store, key, i, random));
        break;
      case 13:
        List<byte[]> loaded =
            store.computeAllIfAbsent(List.of(key), keys -> List.of(value(i, 60)), LoadOptions.DEFAULT);
        expect(i, loaded.get(0));
        break;
      default:
        expect(i, store.get(key));
    }
  }

  /** Loads a value, none, or fails; a store that is closed meanwhile ends it. */
  private static byte[] load(Shale store, byte[] key, int i, Random random) {
    int what = random.nextInt(4);
    try {
      return store.computeIfAbsent(key, k -> {
        if (what == 0) {
          throw new UnsupportedOperationException("no luck");
        }
        return what == 1 ? null : value(i, 4000 + 100 * what);
      });
    } catch (UnsupportedOperationException e) {
      return null;
    }
  }

  /** Walks a part of a cursor, and closes it, or leaves it to another thread or to nobody. */
  private void walk(Shale store, Random random) {
    Scan scan = Scan.prefix(key(random.nextInt(50))).limit(20);
    Cursor rows = store.scan(random.nextBoolean() ? scan : scan.resumable());
    for (int left = random.nextInt(10); left > 0 && rows.hasNext(); left--) {
      Entry row = rows.next();
      expect(Integer.parseInt(row.keyText().substring(3)), row.value());
    }
    switch (random.nextInt(4)) {
      case 0:
        forgotten.incrementAndGet();
        break;
      case 1:
        strays.set(random.nextInt(strays.length()), rows);
        break;
      default:
        rows.close();
    }
  }

  /** Uses a cursor of another thread, whose store may be closed or gone. */
  private void walkStray(Random random) {
    Cursor rows = strays.get(random.nextInt(strays.length()));
    if (rows == null) {
      return;
    }
    if (random.nextInt(3) == 0) {
      rows.close();
    }
    synchronized (rows) {   // another thread may walk it too: hasNext and next are one step here
      if (rows.hasNext()) {
        expect(Integer.parseInt(rows.next().keyText().substring(3)), new byte[0]);
      }
    }
  }

  private static void refuse(Shale store) {
    try {
      store.put(new byte[0], new byte[1]);
      throw new AssertionError("an empty key was taken");
    } catch (IllegalArgumentException e) {
      if (!e.getMessage().contains("key")) {
        throw new AssertionError("not about the key: " + e);
      }
    }
  }

  private static byte[] key(int i) { return String.format("key%06d", i).getBytes(StandardCharsets.US_ASCII); }

  /** All bytes of a value tell whose it is. */
  private static byte[] value(int i, int size) {
    byte[] value = new byte[size];
    Arrays.fill(value, (byte) i);
    return value;
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static void expect(int i, byte[] value) {
    if (value != null && value.length > 0) {
      expect(i, value[0]);
      expect(i, value[value.length - 1]);
    }
  }

  private static void expect(int i, byte found) {
    if (found != (byte) i) {
      throw new AssertionError("key " + i + " has a value of key " + found);
    }
  }

  private static long settledHandles() throws InterruptedException {
    for (int i = 0; i < 200 && ShaleLibrary.liveHandles() > 0; i++) {
      System.gc();
      Thread.sleep(20);
    }
    return ShaleLibrary.liveHandles();
  }

  private static long residentBytes() throws IOException {
    return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * PAGE_BYTES;
  }
}
