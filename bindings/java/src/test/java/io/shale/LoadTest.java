package io.shale;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Test;

/** computeIfAbsent for one key and for many: one caller loads, the others wait. */
public class LoadTest extends TestSupport {
  private static final byte[] KEY = b("key");
  private static final LoadOptions NO_WAIT = LoadOptions.DEFAULT.waitAtMost(Duration.ZERO);

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @After
  public void stopThreads() throws InterruptedException {
    threads.shutdown();
    assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
  }

  /** A load that has begun and waits to be let go. */
  private final class SlowLoad {
    final CountDownLatch inside = new CountDownLatch(1);
    final CountDownLatch leave = new CountDownLatch(1);
    final Future<String> result;

    SlowLoad(String value) throws InterruptedException {
      result = threads.submit(() -> s(db.computeIfAbsent(KEY, key -> {
        inside.countDown();
        try {
          leave.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        return b(value);
      })));
      inside.await();
    }
  }

  private static byte[] never(byte[] key) { throw new AssertionError("loaded twice"); }

  @Test
  public void oneOfManyThreadsLoads() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    try (Shale disk = onDisk()) {
      for (Shale store : List.of(db, disk)) {
        List<Future<String>> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          all.add(threads.submit(() -> s(store.computeIfAbsent(KEY, key -> {
            int run = runs.incrementAndGet();
            try {
              Thread.sleep(50);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return b("run " + run);
          }, LoadOptions.DEFAULT.ttl(Duration.ofHours(1))))));
        }
        for (Future<String> one : all) {
          String got = one.get();
          assertEquals(s(store.get(KEY)), got);
        }
        assertTrue(store.ttl(KEY).orElseThrow().toMinutes() <= 60);
      }
    }
    assertEquals(2, runs.get());
  }

  @Test
  public void anExceptionGoesToItsCallerAndTheNextOneTries() throws Exception {
    SlowLoad first = new SlowLoad("never seen");
    Future<String> second = threads.submit(() -> s(db.computeIfAbsent(KEY, key -> b("second"))));
    db.delete(KEY); // ends the lease of the first: what it brings is not kept
    assertEquals("second", second.get());
    first.leave.countDown();
    assertEquals("second", first.result.get());
    assertEquals("second", s(db.get(KEY)));

    IllegalStateException mine = new IllegalStateException("mine");
    byte[] other = b("other");
    for (int i = 0; i < 3; i++) {
      assertEquals(mine, assertThrows(IllegalStateException.class, () -> db.computeIfAbsent(other, key -> {
        throw mine;
      }, NO_WAIT)));
    }
    assertEquals("at last", s(db.computeIfAbsent(other, key -> b("at last"), NO_WAIT)));
    assertEquals("", s(db.computeIfAbsent(b("empty"), key -> new byte[0])));
  }

  @Test
  public void waitingEndsWhenItsTimeIsOver() throws Exception {
    SlowLoad slow = new SlowLoad("v");
    for (int ms : new int[] {0, 5, 50}) {
      LoadOptions options = LoadOptions.DEFAULT.waitAtMost(Duration.ofMillis(ms));
      assertThrows(
          WouldBlockException.class, () -> db.computeIfAbsent(KEY, LoadTest::never, options));
      assertThrows(WouldBlockException.class,
          () -> db.computeAllIfAbsent(List.of(KEY), keys -> List.of(never(KEY)), options));
    }
    slow.leave.countDown();
    assertEquals("v", slow.result.get());
    assertEquals("v", s(db.computeIfAbsent(KEY, LoadTest::never, NO_WAIT)));
  }

  @Test
  public void nullIsRememberedIfAsked() {
    AtomicInteger runs = new AtomicInteger();
    LoadOptions remember = LoadOptions.DEFAULT.rememberMissing(Duration.ofHours(1));
    for (int i = 0; i < 3; i++) {
      assertNull(db.computeIfAbsent(KEY, key -> {
        runs.incrementAndGet();
        return null;
      }, remember));
    }
    assertEquals(1, runs.get());
    db.put(KEY, b("v"));
    assertEquals("v", s(db.computeIfAbsent(KEY, LoadTest::never)));
    for (int i = 0; i < 3; i++) {
      assertNull(db.computeIfAbsent(b("other"), key -> {
        runs.incrementAndGet();
        return null;
      }));
    }
    assertEquals(4, runs.get());
  }

  @Test
  public void aStaleValueIsGivenWhileAnotherLoads() throws Exception {
    try (Shale grace =
             Shale.inMemoryBuilder().memory("16MiB").option(OptionName.TTL_GRACE_MS, 60_000).open()) {
      grace.put(KEY, b("old"), Duration.ofMillis(1));
      Thread.sleep(5);
      byte[] value = grace.computeIfAbsent(KEY, key -> {
        assertEquals("old", s(grace.computeIfAbsent(KEY, LoadTest::never, LoadOptions.DEFAULT.staleOk())));
        return b("new");
      }, LoadOptions.DEFAULT.staleOk());
      assertEquals("new", s(value));
    }
  }

  @Test
  public void whatIsRemovedMeanwhileIsNotKept() {
    byte[] value = db.computeIfAbsent(KEY, key -> {
      db.delete(KEY);
      return b("mine");
    });
    assertEquals("mine", s(value));
    assertFalse(db.containsKey(KEY));
    List<byte[]> values = db.computeAllIfAbsent(List.of(KEY, b("other")), keys -> {
      db.put(KEY, b("newer"));
      return Arrays.asList(b("older"), null);
    }, LoadOptions.DEFAULT);
    assertEquals("newer", s(values.get(0)));
    assertNull(values.get(1));
  }

  @Test
  public void manyKeysOfManyThreads() throws Exception {
    int count = 300;
    AtomicInteger loads = new AtomicInteger();
    try (Shale disk = onDisk()) {
      for (Shale store : List.of(db, disk)) {
        loads.set(0);
        List<Future<?>> all = new ArrayList<>();
        for (int worker = 0; worker < 8; worker++) {
          int shift = 31 * worker;
          all.add(threads.submit(() -> {
            List<byte[]> keys = new ArrayList<>();
            for (int i = 0; i < count; i++) {
              keys.add(b("k" + (i * 7 + shift) % count));
            }
            List<byte[]> values = store.computeAllIfAbsent(keys, missing -> {
              loads.addAndGet(missing.size());
              List<byte[]> made = new ArrayList<>();
              missing.forEach(key -> made.add(b("of " + s(key))));
              return made;
            }, LoadOptions.DEFAULT.write(WriteOptions.DEFAULT.writeAround()));
            for (int i = 0; i < count; i++) {
              assertEquals("of " + s(keys.get(i)), s(values.get(i)));
            }
          }));
        }
        for (Future<?> one : all) {
          one.get();
        }
        assertEquals(count, loads.get());
      }
    }
    assertTrue(db.computeAllIfAbsent(List.of(), keys -> keys, NO_WAIT).isEmpty());
  }

  @Test
  public void whatMakesNoSenseIsRefused() {
    assertThrows(NullPointerException.class, () -> db.computeIfAbsent(null, LoadTest::never));
    assertThrows(NullPointerException.class, () -> db.computeIfAbsent(KEY, null));
    assertThrows(IllegalArgumentException.class, () -> db.computeIfAbsent(new byte[0], LoadTest::never));
    assertThrows(IllegalArgumentException.class, () -> LoadOptions.DEFAULT.holdFor(Duration.ZERO));
    assertThrows(IllegalArgumentException.class,
        () -> db.computeIfAbsent(KEY, LoadTest::never, WriteOptions.DEFAULT.keepTtl()));
    assertThrows(IllegalArgumentException.class,
        () -> db.computeAllIfAbsent(List.of(KEY), keys -> List.of(), NO_WAIT));
    assertThrows(NullPointerException.class,
        () -> db.computeAllIfAbsent(Arrays.asList(KEY, null), keys -> keys, NO_WAIT));
    assertEquals("v", s(db.computeIfAbsent(KEY, key -> b("v"), NO_WAIT)));
  }

  @Test
  public void closingWakesThoseWhoWait() throws Exception {
    SlowLoad slow = new SlowLoad("v");
    Future<String> waits = threads.submit(() -> s(db.computeIfAbsent(KEY, LoadTest::never)));
    Thread.sleep(30);
    db.close();
    Throwable why = assertThrows(ExecutionException.class, waits::get).getCause();
    assertTrue("" + why, why instanceof ClosedException);
    slow.leave.countDown();
    why = assertThrows(ExecutionException.class, slow.result::get).getCause();
    assertTrue("" + why, why instanceof ClosedException);
  }
}
