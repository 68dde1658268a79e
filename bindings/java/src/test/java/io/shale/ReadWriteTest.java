package io.shale;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.Test;

/** Reading and writing one key, in every form. */
public class ReadWriteTest extends TestSupport {
  private static final byte[] KEY = b("key");
  private static final byte[] MISSING = b("missing");

  @Test
  public void getReturnsWhatWasPutAndNullForNothing() {
    db.put(KEY, b("value"));
    assertEquals("value", s(db.get(KEY)));
    assertNull(db.get(MISSING));
    assertEquals("value", s(db.get(KEY, ReadOptions.DEFAULT.noFill())));
  }

  @Test
  public void returnedArraysBelongToTheCaller() {
    db.put(KEY, b("value"));
    db.get(KEY)[0] = 'X';
    assertEquals("value", s(db.get(KEY)));
  }

  @Test
  public void findAndGetOrDefault() {
    db.put(KEY, b("value"));
    assertEquals("value", s(db.find(KEY).orElseThrow()));
    assertFalse(db.find(MISSING).isPresent());
    byte[] otherwise = b("other");
    assertSame(otherwise, db.getOrDefault(MISSING, otherwise));
    assertEquals("value", s(db.getOrDefault(KEY, otherwise)));
  }

  @Test
  public void getIntoAnArrayTellsTheLength() {
    db.put(KEY, b("value"));
    byte[] to = new byte[8];
    assertEquals(5, db.get(KEY, to));
    assertArrayEquals(new byte[] {'v', 'a', 'l', 'u', 'e', 0, 0, 0}, to);
    byte[] small = new byte[4];
    assertEquals(5, db.get(KEY, small));
    assertArrayEquals(new byte[4], small);
    assertEquals(-1, db.get(MISSING, to));
    db.put(KEY, new byte[100_000]);
    assertEquals(100_000, db.get(KEY, new byte[100_000]));
  }

  @Test
  public void getIntoBuffersMovesThePosition() {
    db.put(KEY, b("value"));
    for (boolean direct : new boolean[] {true, false}) {
      ByteBuffer to = direct ? ByteBuffer.allocateDirect(9) : ByteBuffer.allocate(9);
      to.position(2);
      assertEquals(5, db.get(KEY, to));
      assertEquals(7, to.position());
      assertEquals('v', to.get(2));
      assertEquals('e', to.get(6));
      assertEquals("does not fit any more", 5, db.get(KEY, to));
      assertEquals(7, to.position());
      assertEquals(-1, db.get(MISSING, to));
      assertEquals(7, to.position());
    }
  }

  @Test
  public void keysInBuffersAreTheirRemainingBytes() {
    db.put(KEY, b("value"));
    for (boolean direct : new boolean[] {true, false}) {
      ByteBuffer key = direct ? ByteBuffer.allocateDirect(16) : ByteBuffer.allocate(16);
      key.put(b("..key..")).flip().position(2).limit(5);
      ByteBuffer to = ByteBuffer.allocateDirect(5);
      assertEquals(5, db.get(key, to));
      assertEquals('v', to.get(0));
      assertEquals(2, key.position());
    }
  }

  @Test
  public void readOnlyTargetsAreRefused() {
    db.put(KEY, b("value"));
    assertThrows(
        ReadOnlyBufferException.class, () -> db.get(KEY, ByteBuffer.allocateDirect(9).asReadOnlyBuffer()));
    assertThrows(ReadOnlyBufferException.class, () -> db.get(KEY, ByteBuffer.allocate(9).asReadOnlyBuffer()));
  }

  @Test
  public void putFromBuffers() {
    ByteBuffer key = ByteBuffer.allocateDirect(8).put(b("-key-")).flip().position(1).limit(4);
    ByteBuffer value = ByteBuffer.allocateDirect(8).put(b("=value=")).flip().position(1).limit(6);
    db.put(key, value);
    assertEquals("value", s(db.get(KEY)));
    assertEquals(1, key.position());
    assertEquals(1, value.position());
    assertFalse(db.put(key, value, WriteOptions.DEFAULT.ifAbsent()));
    db.put(ByteBuffer.wrap(KEY), ByteBuffer.wrap(b("heap")).asReadOnlyBuffer());
    assertEquals("heap", s(db.get(KEY)));
    db.put(ByteBuffer.wrap(KEY), ByteBuffer.allocateDirect(0));
    assertEquals(0, db.get(KEY).length);
  }

  @Test
  public void readLendsAReadOnlyView() {
    db.put(KEY, b("value"));
    assertEquals(Integer.valueOf('v'), db.read(KEY, value -> (int) value.get(0)));
    assertTrue(db.read(KEY, value -> value.isReadOnly() && value.isDirect() && value.remaining() == 5));
    assertNull(db.read(MISSING, value -> 1));
    assertThrows(IllegalArgumentException.class, () -> db.read(KEY, value -> value));
    assertThrows(IndexOutOfBoundsException.class, () -> db.read(KEY, value -> value.get(5)));
    String seen = db.read(KEY, value -> {
      db.put(KEY, b("later"));
      db.close();
      byte[] bytes = new byte[value.remaining()];
      value.get(bytes);
      return s(bytes);
    });
    assertEquals("a view stays as it is", "value", seen);
  }

  @Test
  public void putOptionsAreConditions() {
    WriteOptions absent = WriteOptions.DEFAULT.ifAbsent();
    WriteOptions present = WriteOptions.DEFAULT.ifPresent();
    assertFalse(db.put(KEY, b("1"), present));
    assertTrue(db.put(KEY, b("1"), absent.sync().writeAround()));
    assertFalse(db.put(KEY, b("2"), absent));
    assertTrue(db.put(KEY, b("3"), present));
    assertEquals("3", s(db.get(KEY)));
  }

  @Test
  public void putIfAbsentAndReplace() {
    assertFalse(db.replace(KEY, b("0")));
    assertTrue(db.putIfAbsent(KEY, b("1")));
    assertFalse(db.putIfAbsent(KEY, b("2")));
    assertTrue(db.replace(KEY, b("3")));
    assertEquals("3", s(db.get(KEY)));
    assertTrue(db.putIfAbsent(b("short"), b("1"), Duration.ofMinutes(1)));
    assertTrue(db.ttl(b("short")).orElseThrow().compareTo(Duration.ofMinutes(1)) <= 0);
  }

  @Test
  public void removeTellsAndDeleteDoesNot() {
    db.put(KEY, b("value"));
    assertTrue(db.remove(KEY));
    assertFalse(db.remove(KEY));
    db.put(KEY, b("value"));
    db.delete(KEY);
    db.delete(KEY);
    assertFalse(db.containsKey(KEY));
    assertTrue(db.delete(KEY, WriteOptions.DEFAULT.sync()));
    WriteOptions ttl = WriteOptions.DEFAULT.ttl(Duration.ofSeconds(1));
    assertThrows(IllegalArgumentException.class, () -> db.delete(KEY, ttl));
  }

  @Test
  public void getAndSet() {
    assertNull(db.getAndSet(KEY, b("1")));
    assertEquals("1", s(db.getAndSet(KEY, b("2"))));
    assertEquals("2", s(db.getAndSet(KEY, b("3"), WriteOptions.DEFAULT.sync())));
  }

  @Test
  public void versionsGrow() {
    long first = db.putVersioned(KEY, b("1"), WriteOptions.DEFAULT);
    assertEquals(first, db.getVersioned(KEY).orElseThrow().version());
    long second = db.putVersioned(KEY, b("2"), WriteOptions.DEFAULT);
    assertTrue(second > first);
    assertEquals("2", s(db.getVersioned(KEY).orElseThrow().value()));
    assertEquals(Optional.empty(), db.getVersioned(MISSING));
    WriteOptions absent = WriteOptions.DEFAULT.ifAbsent();
    assertThrows(IllegalArgumentException.class, () -> db.putVersioned(KEY, b("3"), absent));
  }

  @Test
  public void peekKnowsWhatIsInMemory() {
    db.put(KEY, b("value"));
    assertEquals(Peek.Kind.FOUND, db.peek(KEY).kind());
    assertEquals("value", s(db.peek(KEY).value().orElseThrow()));
    assertEquals(Peek.Kind.ABSENT, db.peek(MISSING).kind());
    assertFalse(db.peek(MISSING).value().isPresent());
  }

  @Test
  public void onlyTheDiskCanTellAfterAReopen() {
    try (Shale disk = onDisk()) {
      disk.put(KEY, b("value"));
    }
    ReadOptions cacheOnly = ReadOptions.DEFAULT.cacheOnly();
    try (Shale disk = onDisk()) {
      assertEquals(Peek.Kind.WOULD_BLOCK, disk.peek(KEY).kind());
      assertThrows(WouldBlockException.class, () -> disk.get(KEY, cacheOnly));
      assertThrows(WouldBlockException.class, () -> disk.containsKey(KEY, cacheOnly));
      assertThrows(WouldBlockException.class, () -> disk.ttl(KEY, cacheOnly));
      assertThrows(WouldBlockException.class, () -> disk.getAll(List.of(KEY), cacheOnly));
      assertEquals(Peek.Kind.WOULD_BLOCK, disk.peekAll(List.of(KEY)).get(0).kind());
      WouldBlockException light = assertThrows(WouldBlockException.class, () -> disk.get(KEY, cacheOnly));
      assertEquals(StatusCode.WOULD_BLOCK, light.code());
      assertEquals(0, light.getStackTrace().length);
      assertEquals("value", s(disk.get(KEY)));
      assertEquals("value", s(disk.get(KEY, cacheOnly)));
    }
  }

  @Test
  public void textConveniences() {
    db.put("stadt", "Köln");
    assertEquals("Köln", db.get("stadt"));
    assertNull(db.get("land"));
    assertTrue(db.containsKey("stadt"));
    db.put("kurz", "x", Duration.ofMinutes(1));
    assertTrue(db.ttl(b("kurz")).orElseThrow().toMillis() > 0);
    assertEquals(1, db.increment("zahl"));
    assertTrue(db.remove("stadt"));
    assertFalse(db.remove("stadt"));
    try (Cursor rows = db.prefix("k")) {
      assertEquals(List.of("kurz"), keys(rows));
    }
  }

  @Test
  public void nullIsRefusedBeforeAnythingHappens() {
    assertThrows(NullPointerException.class, () -> db.get((byte[]) null));
    assertThrows(NullPointerException.class, () -> db.put(KEY, (byte[]) null));
    assertThrows(NullPointerException.class, () -> db.put(null, KEY));
    assertThrows(NullPointerException.class, () -> db.read(KEY, null));
    assertFalse(db.containsKey(KEY));
  }
}
