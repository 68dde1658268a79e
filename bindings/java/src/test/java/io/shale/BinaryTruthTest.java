package io.shale;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.Test;

/** Bytes come back as they were, whatever they are and however they went in and out. */
public class BinaryTruthTest extends TestSupport {
  private static final int MIB = 1 << 20;

  private static byte[] random(Random random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /** Writes in each form, reads in each form. */
  private static void roundTrip(Shale store, byte[] key, byte[] value) {
    List<Runnable> writes = List.of(()
                                        -> store.put(key, value),
        ()
            -> store.put(direct(key), direct(value)),
        ()
            -> store.putAll(List.of(new Entry(key, value))),
        () -> store.write(new WriteBatch().put(key, value)));
    for (Runnable write : writes) {
      store.delete(key);
      write.run();
      assertArrayEquals(value, store.get(key));
      byte[] array = new byte[value.length];
      assertEquals(value.length, store.get(key, array));
      assertArrayEquals(value, array);
      ByteBuffer buffer = ByteBuffer.allocateDirect(value.length);
      assertEquals(value.length, store.get(direct(key), buffer));
      assertEquals(ByteBuffer.wrap(value), buffer.flip());
      assertTrue(store.read(key, view -> view.equals(ByteBuffer.wrap(value))));
      assertArrayEquals(value, store.getAll(List.of(key)).get(0));
      try (Cursor rows = store.prefix(key)) {
        assertEquals(new Entry(key, value), rows.next());
      }
      try (Cursor rows = store.scan(Scan.prefix(key).resumable())) {
        assertEquals(new Entry(key, value), rows.next());
      }
    }
    assertArrayEquals(value, store.getAndSet(key, value));
    assertTrue(store.compareAndSet(key, value, value));
    assertTrue(store.compareAndDelete(key, value));
    assertNull(store.get(key));
  }

  @Test
  public void everyByteInKeysAndValues() {
    try (Shale disk = onDisk()) {
      for (Shale store : List.of(db, disk)) {
        byte[] all = new byte[256];
        for (int i = 0; i < 256; i++) {
          all[i] = (byte) i;
          roundTrip(store, new byte[] {(byte) i}, new byte[] {(byte) i});
        }
        roundTrip(store, all, all);
        roundTrip(store, new byte[] {0}, new byte[] {0, 0, 0});
        roundTrip(store, new byte[] {-1, 0, -1}, new byte[] {-1});
      }
    }
  }

  @Test
  public void emptyValuesAreNotMissingOnes() {
    try (Shale disk = onDisk()) {
      for (Shale store : List.of(db, disk)) {
        roundTrip(store, b("empty"), new byte[0]);
        store.put(b("empty"), new byte[0]);
        assertNotNull(store.get(b("empty")));
        assertEquals(0, store.get(b("empty"), new byte[0]));
        assertEquals(Peek.Kind.FOUND, store.peek(b("empty")).kind());
        assertTrue(store.read(b("empty"), view -> view.remaining() == 0));
      }
    }
  }

  @Test
  public void emptyKeysAreRefusedEverywhere() {
    byte[] none = {};
    byte[] v = b("v");
    List<Runnable> calls = new ArrayList<>();
    calls.add(() -> db.get(none));
    calls.add(() -> db.get(none, new byte[1]));
    calls.add(() -> db.get(direct(none), ByteBuffer.allocateDirect(1)));
    calls.add(() -> db.read(none, view -> 1));
    calls.add(() -> db.containsKey(none));
    calls.add(() -> db.ttl(none));
    calls.add(() -> db.put(none, v));
    calls.add(() -> db.put(direct(none), direct(v)));
    calls.add(() -> db.delete(none));
    calls.add(() -> db.getAndSet(none, v));
    calls.add(() -> db.compareAndSet(none, v, v));
    calls.add(() -> db.compareAndSet(none, 1, v));
    calls.add(() -> db.increment(none));
    calls.add(() -> db.persist(none));
    calls.add(() -> db.getAll(List.of(none)));
    calls.add(() -> db.putAll(List.of(new Entry(none, v))));
    calls.add(() -> db.deleteAll(List.of(none)));
    calls.add(() -> db.write(new WriteBatch().delete(none)));
    for (int i = 0; i < calls.size(); i++) {
      Runnable call = calls.get(i);
      assertThrows("call " + i, IllegalArgumentException.class, call::run);
    }
  }

  @Test
  public void longestKeys() {
    Random random = new Random(seed("longestKeys"));
    try (Shale disk = onDisk()) {
      for (Shale store : List.of(db, disk)) {
        for (int size : new int[] {511, 512, 513, 4096, Shale.KEY_BYTES_MAX}) {
          roundTrip(store, random(random, size), random(random, 33));
        }
        byte[] longer = new byte[Shale.KEY_BYTES_MAX + 1];
        ShaleException e = assertThrows(ShaleException.class, () -> store.put(longer, b("v")));
        assertEquals(StatusCode.E_TOO_LARGE, e.code());
      }
    }
  }

  @Test
  public void largeValues() {
    Random random = new Random(seed("largeValues"));
    Shale large = Shale.inMemoryBuilder().memory("256MiB").open();
    try (large; Shale disk = onDisk()) {
      for (Shale store : List.of(large, disk)) {
        for (int size : new int[] {511, 513, 4095, 4096, 4097, 16383, 16385, MIB, 16 * MIB}) {
          roundTrip(store, b("large"), random(random, size));
        }
      }
    }
  }

  @Test
  public void randomBytesOfRandomSizesStayOverAReopen() {
    Random random = new Random(seed("randomBytes"));
    List<Entry> entries = new ArrayList<>();
    try (Shale disk = onDisk()) {
      for (int i = 0; i < 500; i++) {
        byte[] key = random(random, 1 + random.nextInt(100));
        entries.removeIf(old -> Arrays.equals(old.key(), key));
        entries.add(new Entry(key, random(random, random.nextInt(2000))));
        disk.put(key, entries.get(entries.size() - 1).value());
      }
    }
    entries.sort((x, y) -> Arrays.compareUnsigned(x.key(), y.key()));
    try (Shale disk = onDisk(); Cursor rows = disk.scan(Scan.all())) {
      List<Entry> found = new ArrayList<>();
      rows.forEachRemaining(found::add);
      assertEquals(entries, found);
    }
  }

  private static long seed(String test) {
    String given = System.getenv("SEED");
    long seed = given != null ? Long.parseLong(given) : System.nanoTime();
    System.out.println(test + ": SEED=" + seed);
    return seed;
  }
}
