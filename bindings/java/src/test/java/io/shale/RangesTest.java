package io.shale;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.List;
import org.junit.Test;

/** Ranges of keys as wholes: to delete, to count, to estimate, to compact. */
public class RangesTest extends TestSupport {
  private static final KeyRange ROWS = KeyRange.prefix(b("row"));

  private static void fill(Shale store, int rows) {
    for (int i = 0; i < rows; i++) {
      store.put(b(String.format("row%05d", i)), new byte[92]);
    }
    store.put("other", "");
  }

  @Test
  public void rangesInMemoryAndOnDisk() {
    try (Shale disk = onDisk()) {
      for (Shale store : List.of(db, disk)) {
        fill(store, 3000);
        int[] calls = new int[1];
        assertEquals(new Extent(3000, 300_000), store.count(ROWS, (done, total) -> {
          calls[0]++;
          return done >= 0 && done <= total && store.containsKey("row00001");
        }));
        assertTrue(calls[0] > 0);
        assertEquals(new Extent(3000, 300_000), store.estimate(ROWS));
        store.deleteRange(KeyRange.between(b("row00010"), b("row02990")), WriteOptions.DEFAULT.sync());
        store.compact(KeyRange.all(), null);
        assertEquals(new Extent(21, 2005), store.count(KeyRange.all(), null));
        assertEquals(new Extent(0, 0), store.estimate(KeyRange.between(b("z"), b("a"))));
        store.deleteRange(KeyRange.between(null, b("row")));
        store.deleteRange(KeyRange.between(b("row00005"), null));
        assertEquals(5, store.count(KeyRange.all(), null).keys());
      }
    }
  }

  @Test
  public void whatRangesRefuse() {
    db.put("k", "v");
    KeyRange wide = KeyRange.prefix(new byte[70_000]);
    assertEquals(StatusCode.E_TOO_LARGE, assertThrows(ShaleException.class, () -> db.deleteRange(wide)).code());
    assertEquals(StatusCode.E_TOO_LARGE, assertThrows(ShaleException.class, () -> db.count(wide, null)).code());
    assertEquals(StatusCode.E_TOO_LARGE, assertThrows(ShaleException.class, () -> db.estimate(wide)).code());
    assertEquals(StatusCode.E_TOO_LARGE, assertThrows(ShaleException.class, () -> db.compact(wide, null)).code());
    for (WriteOptions options : List.of(WriteOptions.DEFAULT.ifAbsent(), WriteOptions.DEFAULT.ttl(Shale.FOREVER))) {
      assertThrows(IllegalArgumentException.class, () -> db.deleteRange(KeyRange.all(), options));
    }
    assertThrows(NullPointerException.class, () -> db.deleteRange(null));
    assertThrows(NullPointerException.class, () -> KeyRange.prefix(null));
    assertEquals("v", db.get("k"));
  }

  @Test
  public void aListenerEndsTheWork() {
    try (Shale disk = onDisk()) {
      fill(disk, 20_000);
      disk.flush();
      assertEquals(StatusCode.CANCELLED,
          assertThrows(ShaleException.class, () -> disk.count(ROWS, (done, total) -> false)).code());
      assertEquals(StatusCode.CANCELLED,
          assertThrows(ShaleException.class, () -> disk.compact(ROWS, (done, total) -> false)).code());
      IllegalStateException mine = new IllegalStateException("mine");
      assertEquals(mine, assertThrows(IllegalStateException.class, () -> disk.count(ROWS, (done, total) -> {
        throw mine;
      })));
    }
  }
}
