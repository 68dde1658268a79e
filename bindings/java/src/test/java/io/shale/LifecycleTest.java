package io.shale;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.Test;

/** Closing: twice, early, late, by another thread, by nobody. */
public class LifecycleTest extends TestSupport {
  private static final byte[] K = b("k");

  @Test
  public void everyCallOnAClosedStoreSaysSo() {
    db.put(K, K);
    db.close();
    db.close();
    assertTrue(db.isClosed());
    ByteBuffer buffer = ByteBuffer.allocateDirect(1).put(K).flip();
    List<Runnable> calls = new ArrayList<>();
    calls.add(() -> db.get(K));
    calls.add(() -> db.get(K, new byte[1]));
    calls.add(() -> db.get(K, ByteBuffer.allocateDirect(1)));
    calls.add(() -> db.get(buffer, ByteBuffer.allocateDirect(1)));
    calls.add(() -> db.getVersioned(K));
    calls.add(() -> db.read(K, view -> 1));
    calls.add(() -> db.peek(K));
    calls.add(() -> db.containsKey(K));
    calls.add(() -> db.ttl(K));
    calls.add(() -> db.put(K, K));
    calls.add(() -> db.put(buffer, buffer));
    calls.add(() -> db.getAndSet(K, K));
    calls.add(() -> db.delete(K));
    calls.add(() -> db.remove(K));
    calls.add(() -> db.compareAndSet(K, K, K));
    calls.add(() -> db.compareAndSet(K, 1, K));
    calls.add(() -> db.compareAndDelete(K, K));
    calls.add(() -> db.compareAndDelete(K, 1));
    calls.add(() -> db.computeIfAbsent(K, key -> key));
    calls.add(() -> db.increment(K));
    calls.add(() -> db.decrement(K));
    calls.add(() -> db.expire(K, Shale.FOREVER));
    calls.add(() -> db.persist(K));
    calls.add(() -> db.getAll(List.of(K)));
    calls.add(() -> db.peekAll(List.of(K)));
    calls.add(() -> db.putAll(List.of(new Entry(K, K))));
    calls.add(() -> db.deleteAll(List.of(K)));
    calls.add(() -> db.write(new WriteBatch().put(K, K)));
    calls.add(() -> db.scan(Scan.all()));
    calls.add(() -> db.prefix(K));
    calls.add(() -> db.resume(K));
    calls.add(db::flush);
    calls.add(db::sync);
    calls.add(() -> db.stat(StatName.CACHE_HITS));
    calls.add(db::stats);
    calls.add(db::statsJson);
    calls.add(() -> db.option(OptionName.MEMORY_BUDGET));
    calls.add(() -> db.shardState(0));
    calls.add(() -> db.deleteRange(KeyRange.all()));
    calls.add(() -> db.count(KeyRange.all(), null));
    calls.add(() -> db.estimate(KeyRange.all()));
    calls.add(() -> db.compact(KeyRange.all(), null));
    calls.add(db::snapshot);
    for (int i = 0; i < calls.size(); i++) {
      Runnable call = calls.get(i);
      ClosedException e = assertThrows("call " + i, ClosedException.class, call::run);
      assertEquals(StatusCode.E_CLOSED, e.code());
    }
  }

  @Test
  public void cursorsEndWithTheirStore() {
    db.put("a", "1");
    db.put("b", "2");
    for (Scan scan : List.of(Scan.all(), Scan.all().resumable())) {
      Shale store = Shale.inMemoryBuilder().memory("16MiB").open();
      store.put("a", "1");
      store.put("b", "2");
      Cursor rows = store.scan(scan);
      assertEquals("a", rows.next().keyText());
      store.close();
      assertThrows(ClosedException.class, rows::hasNext);
      assertThrows(ClosedException.class, rows::next);
      assertThrows(IllegalStateException.class, rows::token);
      rows.close();
      rows.close();
    }
  }

  @Test
  public void closedCursorsSaySo() {
    db.put("a", "1");
    for (Scan scan : List.of(Scan.all(), Scan.all().resumable())) {
      Cursor rows = db.scan(scan);
      rows.close();
      rows.close();
      assertThrows(ClosedException.class, rows::hasNext);
      assertThrows(ClosedException.class, rows::next);
      assertThrows(ClosedException.class, rows::token);
    }
    Stream<Entry> stream = db.stream(Scan.all());
    stream.close();
    assertThrows(IllegalStateException.class, stream::count);
  }

  @Test
  public void aStreamGivesItsCursorBack() throws InterruptedException {
    db.put("a", "1");
    long before = settledHandles();
    try (Stream<Entry> rows = db.stream(Scan.all())) {
      assertEquals(before + 1, ShaleLibrary.liveHandles());
      assertEquals(1, rows.count());
    }
    assertEquals(before, ShaleLibrary.liveHandles());
  }

  @Test
  public void closeWhileOthersAreInside() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      Shale store = Shale.inMemoryBuilder().memory("16MiB").open();
      store.put(K, new byte[1000]);
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger ended = new AtomicInteger();
      List<Throwable> wrong = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread thread = new Thread(() -> {
          try {
            while (true) {
              store.get(K);
              store.increment(b("n"));
              inside.incrementAndGet();
            }
          } catch (ClosedException e) {
            ended.incrementAndGet();
          } catch (Throwable e) {
            synchronized (wrong) {
              wrong.add(e);
            }
          }
        });
        threads.add(thread);
        thread.start();
      }
      while (inside.get() < 100) {
        Thread.yield();
      }
      store.close();
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(List.of(), wrong);
      assertEquals(4, ended.get());
    }
  }

  @Test
  public void whatIsForgottenIsGivenBack() throws InterruptedException {
    long before = settledHandles();
    for (int i = 0; i < 10; i++) {
      Shale forgotten = Shale.inMemoryBuilder().memory("16MiB").open();
      forgotten.put(K, K);
      forgotten.scan(Scan.all()).next();
    }
    assertTrue(settledHandles() <= before);
  }

  @Test
  public void valuesThatComePinnedLeaveNoHandles() throws InterruptedException {
    db.put(K, new byte[100_000]);
    long before = settledHandles();
    for (int i = 0; i < 10; i++) {
      assertEquals(100_000, db.get(K).length);
      assertEquals(100_000, db.get(K, new byte[100_000]));
      assertEquals(100_000, db.get(K, new byte[1]));
      assertEquals(Integer.valueOf(100_000), db.read(K, ByteBuffer::remaining));
      assertEquals(100_000, db.getVersioned(K).orElseThrow().value().length);
    }
    assertEquals(before, ShaleLibrary.liveHandles());
  }

  @Test
  public void failedCallsLeaveNoHandles() throws InterruptedException {
    long before = settledHandles();
    for (int i = 0; i < 100; i++) {
      assertThrows(IllegalArgumentException.class, () -> db.get(new byte[0]));
      assertThrows(IllegalArgumentException.class, () -> db.scan(Scan.all().limit(-1)));
      assertThrows(
          IllegalArgumentException.class, () -> Shale.inMemoryBuilder().option("no.such", "1").open());
      db.put(K, K);
      assertThrows(
          IllegalStateException.class, () -> db.read(K, view -> { throw new IllegalStateException(); }));
    }
    assertEquals(before, ShaleLibrary.liveHandles());
    assertFalse(db.isClosed());
  }

  /** After the garbage collector has found what earlier tests left. */
  static long settledHandles() throws InterruptedException {
    long handles = -1;
    for (int i = 0; i < 50; i++) {
      System.gc();
      Thread.sleep(10);
      long now = ShaleLibrary.liveHandles();
      if (now == handles && i > 3) {
        break;
      }
      handles = now;
    }
    return handles;
  }
}
