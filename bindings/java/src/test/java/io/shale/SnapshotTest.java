package io.shale;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Test;

/** The store as it was, whatever happens to it, to its snapshots and to their cursors. */
public class SnapshotTest extends TestSupport {
  private static final byte[] K = b("k");

  @Test
  public void aSnapshotStaysAsItWas() {
    byte[] wide = new byte[100_000];
    wide[99_999] = 1;
    try (Shale disk = onDisk()) {
      for (Shale store : List.of(db, disk)) {
        store.put("k", "before");
        store.put(b("wide"), wide);
        store.put("empty", "");
        long version = store.getVersioned(K).orElseThrow().version();
        try (Snapshot snapshot = store.snapshot()) {
          store.put("k", "after");
          store.deleteRange(KeyRange.between(b("wide"), null));
          store.put("new", "v");
          assertEquals("before", s(snapshot.get(K)));
          assertEquals(version, snapshot.getVersioned(K).orElseThrow().version());
          assertArrayEquals(wide, snapshot.get(b("wide")));
          assertArrayEquals(wide, snapshot.getVersioned(b("wide")).orElseThrow().value());
          assertEquals(0, snapshot.get(b("empty")).length);
          assertNull(snapshot.get(b("new")));
          assertTrue(snapshot.getVersioned(b("new")).isEmpty());
          assertTrue(snapshot.containsKey(b("wide")) && !snapshot.containsKey(b("new")));
          List<byte[]> many = snapshot.getAll(List.of(b("new"), K, b("wide"), b("empty")));
          assertNull(many.get(0));
          assertEquals("before", s(many.get(1)));
          assertArrayEquals(wide, many.get(2));
          assertEquals(0, many.get(3).length);
          assertEquals(List.of(), snapshot.getAll(List.of()));
          assertEquals(List.of("empty", "k", "wide"), keys(snapshot.stream(Scan.all())));
          assertThrows(IllegalArgumentException.class, () -> snapshot.get(new byte[0]));
          assertThrows(NullPointerException.class, () -> snapshot.get(null));
          assertThrows(IllegalArgumentException.class, () -> snapshot.resume(b("no token")));
          assertThrows(IllegalArgumentException.class, () -> snapshot.scan(Scan.all().limit(-1)));
        }
        assertEquals("after", store.get("k"));
      }
    }
  }

  @Test
  public void cursorsGoOnWithoutTheirSnapshot() {
    try (Shale disk = onDisk()) {
      for (Shale store : List.of(db, disk)) {
        for (int i = 0; i < 10; i++) {
          store.put("k" + i, "v");
        }
        Snapshot snapshot = store.snapshot();
        store.deleteRange(KeyRange.all());
        try (Cursor first = snapshot.scan(Scan.range(b("k2"), b("k8")).resumable())) {
          assertEquals("k2", first.next().keyText());
          try (Cursor second = snapshot.resume(first.token());
               Cursor third = snapshot.scan(Scan.prefix(K).reverse().limit(3).keysOnly())) {
            snapshot.close();
            assertEquals(List.of("k3", "k4", "k5", "k6", "k7"), keys(second));
            assertEquals(List.of("k9", "k8", "k7"), keys(third));
          }
          assertEquals(List.of("k3", "k4", "k5", "k6", "k7"), keys(first));
        }
      }
    }
  }

  @Test
  public void aClosedSnapshotSaysSo() {
    db.put("k", "v");
    Shale other = Shale.inMemoryBuilder().memory("16MiB").open();
    Snapshot closed = db.snapshot();
    Snapshot orphan = other.snapshot();
    closed.close();
    closed.close();
    other.close();
    for (Snapshot snapshot : List.of(closed, orphan)) {
      assertThrows(ClosedException.class, () -> snapshot.get(K));
      assertThrows(ClosedException.class, () -> snapshot.getVersioned(K));
      assertThrows(ClosedException.class, () -> snapshot.containsKey(K));
      assertThrows(ClosedException.class, () -> snapshot.getAll(List.of(K)));
      assertThrows(ClosedException.class, () -> snapshot.scan(Scan.all()));
      assertThrows(ClosedException.class, () -> snapshot.resume(K));
    }
    orphan.close();
    assertThrows(ClosedException.class, other::snapshot);
  }

  @Test
  public void closeWhileOthersRead() throws InterruptedException {
    db.put(K, new byte[1000]);
    for (int round = 0; round < 20; round++) {
      Snapshot snapshot = db.snapshot();
      AtomicInteger reads = new AtomicInteger();
      AtomicInteger ended = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread thread = new Thread(() -> {
          try {
            while (snapshot.get(K).length == 1000) {
              reads.incrementAndGet();
            }
          } catch (ClosedException e) {
            ended.incrementAndGet();
          }
        });
        threads.add(thread);
        thread.start();
      }
      while (reads.get() < 100) {
        Thread.yield();
      }
      snapshot.close();
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(4, ended.get());
    }
  }

  @Test
  public void whatIsForgottenIsGivenBack() throws InterruptedException {
    db.put("k", "v");
    long before = LifecycleTest.settledHandles();
    for (int i = 0; i < 10; i++) {
      assertTrue(db.snapshot().scan(Scan.all()).hasNext());
    }
    assertFalse(LifecycleTest.settledHandles() > before);
  }
}
