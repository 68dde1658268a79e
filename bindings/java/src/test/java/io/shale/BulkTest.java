package io.shale;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.Test;

/** Many keys a call, batches, cursors and streams. */
public class BulkTest extends TestSupport {
  @Test
  public void getAllAnswersInOrder() {
    db.put("a", "1");
    db.put("c", "");
    List<byte[]> found = db.getAll(List.of(b("c"), b("b"), b("a"), b("a")));
    assertEquals(4, found.size());
    assertEquals(0, found.get(0).length);
    assertNull(found.get(1));
    assertEquals("1", s(found.get(2)));
    assertEquals("1", s(found.get(3)));
    assertEquals(List.of(), db.getAll(List.of()));
    assertThrows(IllegalArgumentException.class, () -> db.getAll(List.of(b("a"), b(""))));
    assertEquals(1, db.getAll(List.of(b("a")), ReadOptions.DEFAULT.noFill()).size());
    assertEquals(Peek.Kind.ABSENT, db.peekAll(List.of(b("zz"))).get(0).kind());
  }

  @Test
  public void putAllAndDeleteAll() {
    List<Entry> entries = new ArrayList<>();
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      entries.add(Entry.of("key" + i, "value" + i));
      keys.add(entries.get(i).key());
    }
    db.putAll(entries);
    List<byte[]> found = db.getAll(keys);
    for (int i = 0; i < 1000; i++) {
      assertEquals("value" + i, s(found.get(i)));
    }
    db.putAll(entries, WriteOptions.DEFAULT.ttl(Duration.ofMinutes(1)).sync());
    assertTrue(db.ttl(b("key7")).orElseThrow().toMillis() <= 60_000);
    db.deleteAll(keys.subList(0, 500));
    assertFalse(db.containsKey("key499"));
    assertTrue(db.containsKey("key500"));
    db.deleteAll(keys, WriteOptions.DEFAULT.sync());
    assertFalse(db.containsKey("key500"));
    WriteOptions ttl = WriteOptions.DEFAULT.ttl(Duration.ofSeconds(1));
    assertThrows(IllegalArgumentException.class, () -> db.deleteAll(keys, ttl));
  }

  @Test
  public void batchesAreAllOrNothing() {
    db.put("b", "old");
    WriteBatch batch = new WriteBatch().put("a", "1").delete("b").put(b("c"), b("3"), Duration.ofMinutes(1));
    batch.put(b("a"), b("2")).delete(b("zz"));
    assertEquals(5, batch.count());
    db.write(batch);
    assertEquals("a later operation wins", "2", db.get("a"));
    assertNull(db.get("b"));
    assertTrue(db.ttl(b("c")).orElseThrow().toMillis() <= 60_000);
    db.remove("a");
    db.write(batch, WriteOptions.DEFAULT.sync());
    assertEquals("a batch can be written again", "2", db.get("a"));
    assertEquals(0, batch.clear().count());
    db.write(batch);
  }

  @Test
  public void aBatchWithOneBadRowWritesNothing() {
    WriteBatch batch = new WriteBatch().put("a", "1").put(b(""), b("2"));
    assertThrows(IllegalArgumentException.class, () -> db.write(batch));
    assertNull(db.get("a"));
    WriteOptions ttl = WriteOptions.DEFAULT.ttl(Duration.ofSeconds(1));
    assertThrows(IllegalArgumentException.class, () -> db.write(batch, ttl));
    assertThrows(
        IllegalArgumentException.class, () -> batch.put(b("a"), b("1"), WriteOptions.DEFAULT.sync()));
    WriteBatch keep = new WriteBatch().put(b("a"), b("1"), WriteOptions.DEFAULT.keepTtl());
    assertThrows(IllegalArgumentException.class, () -> db.write(keep));
  }

  private void fill(Shale store) {
    for (String key : new String[] {"d", "a", "c", "b", "ca"}) {
      store.put(key, key.toUpperCase(Locale.ROOT));
    }
  }

  @Test
  public void scansInMemoryAndOnDisk() {
    try (Shale disk = onDisk()) {
      for (Shale store : List.of(db, disk)) {
        fill(store);
        assertEquals(List.of("a", "b", "c", "ca", "d"), all(store, Scan.all()));
        assertEquals(List.of("b", "c"), all(store, Scan.range(b("b"), b("ca"))));
        assertEquals(List.of("c", "ca"), all(store, Scan.prefix(b("c"))));
        assertEquals(List.of("d", "ca", "c"), all(store, Scan.range(b("c"), null).reverse()));
        assertEquals(List.of("a", "b"), all(store, Scan.range(null, b("zz")).limit(2)));
        assertEquals(List.of("ca", "c"), all(store, Scan.prefix(b("c")).reverse().limit(2).keysOnly()));
        assertEquals(List.of(), all(store, Scan.range(b("x"), b("y"))));
        try (Cursor rows = store.scan(b("a"), b("b"))) {
          assertEquals(new Entry(b("a"), b("A")), rows.next());
          assertThrows(NoSuchElementException.class, rows::next);
        }
      }
    }
  }

  /** Through packed rows, row by row, and as a stream: they must agree. */
  private static List<String> all(Shale store, Scan scan) {
    try (Cursor packed = store.scan(scan); Cursor single = store.scan(scan.resumable());
         Stream<Entry> stream = store.stream(scan)) {
      List<String> keys = keys(packed);
      assertEquals(keys, keys(single));
      assertEquals(keys, keys(stream));
      assertFalse(packed.hasNext());
      assertFalse(single.hasNext());
      return keys;
    }
  }

  @Test
  public void keysOnlyHasNoValues() {
    fill(db);
    for (Scan scan : List.of(Scan.all().keysOnly(), Scan.all().keysOnly().resumable())) {
      try (Stream<Entry> rows = db.stream(scan)) {
        assertTrue(rows.allMatch(row -> row.value().length == 0));
      }
    }
  }

  @Test
  public void rowsThatDoNotFitAndManyThatDo() {
    byte[] wide = new byte[300_000];
    wide[299_999] = 7;
    db.put(b("m"), wide);
    for (int i = 0; i < 2000; i++) {
      db.put(b(String.format("a%04d", i)), new byte[i % 97]);
      db.put(b(String.format("z%04d", i)), new byte[i % 89]);
    }
    int at = 0;
    try (Cursor rows = db.scan(Scan.all())) {
      for (Entry row : rows) {
        int i = at < 2000 ? at : at - 2001;
        if (at == 2000) {
          assertEquals("m", row.keyText());
          assertEquals(7, row.value()[299_999]);
        } else {
          assertEquals(String.format("%s%04d", at < 2000 ? "a" : "z", i), row.keyText());
          assertEquals(i % (at < 2000 ? 97 : 89), row.value().length);
        }
        at++;
      }
    }
    assertEquals(4001, at);
  }

  @Test
  public void tokensGoOnWhereACursorStood() {
    fill(db);
    byte[] token;
    try (Cursor rows = db.scan(Scan.all().limit(4).resumable())) {
      rows.next();
      rows.next();
      token = rows.token();
      assertTrue(rows.hasNext());
      assertEquals("a look ahead does not move it", s(token), s(rows.token()));
      assertEquals("c", rows.next().keyText());
    }
    try (Cursor rest = db.resume(token)) {
      assertEquals(List.of("c", "ca"), keys(rest));
      rest.token();
    }
    assertThrows(IllegalArgumentException.class, () -> db.resume(b("no token")));
    assertThrows(NullPointerException.class, () -> db.resume(null));
    try (Cursor packed = db.scan(Scan.all())) {
      assertThrows(IllegalStateException.class, packed::token);
    }
  }

  @Test
  public void tokensOutliveTheStore() {
    byte[] token;
    try (Shale disk = onDisk()) {
      fill(disk);
      try (Cursor rows = disk.scan(Scan.all().reverse().resumable())) {
        assertEquals("d", rows.next().keyText());
        token = rows.token();
      }
    }
    try (Shale disk = onDisk(); Cursor rest = disk.resume(token)) {
      assertEquals(List.of("ca", "c", "b", "a"), keys(rest));
    }
  }

  @Test
  public void scanArgumentsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> db.scan(Scan.all().limit(-1)));
    ShaleException large = assertThrows(ShaleException.class, () -> db.scan(new byte[70_000], null));
    assertEquals(StatusCode.E_TOO_LARGE, large.code());
    byte[] from = b("b");
    Scan scan = Scan.range(from, null);
    from[0] = 'z';
    db.put("c", "1");
    try (Cursor rows = db.scan(scan)) {
      assertTrue("a scan keeps its own bounds", rows.hasNext());
    }
  }

  @Test
  public void entriesAreEqualByTheirBytes() {
    Entry entry = Entry.of("k", "secret");
    assertEquals(entry, new Entry(b("k"), b("secret")));
    assertEquals(entry.hashCode(), Entry.of("k", "secret").hashCode());
    assertFalse(entry.equals(Entry.of("k", "other")));
    assertEquals("k", entry.toText().getKey());
    assertEquals("secret", entry.valueText());
    assertFalse("values do not go to logs", entry.toString().contains("secret"));
  }
}
