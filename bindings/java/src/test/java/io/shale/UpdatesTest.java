package io.shale;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.Test;

/** Compare and set, counters, times to live, computeIfAbsent. */
public class UpdatesTest extends TestSupport {
  private static final byte[] KEY = b("key");

  @Test
  public void compareAndSetByValue() {
    assertFalse(db.compareAndSet(KEY, b("1"), b("2")));
    db.put(KEY, b("1"));
    assertFalse(db.compareAndSet(KEY, b("0"), b("2")));
    assertTrue(db.compareAndSet(KEY, b("1"), b("2")));
    assertTrue(db.compareAndSet(KEY, b("2"), b("3"), WriteOptions.DEFAULT.sync()));
    assertEquals("3", s(db.get(KEY)));
    assertFalse(db.compareAndDelete(KEY, b("1")));
    assertTrue(db.compareAndDelete(KEY, b("3")));
    assertFalse(db.containsKey(KEY));
  }

  @Test
  public void compareAndSetByVersion() {
    assertTrue(db.compareAndSet(KEY, Shale.VERSION_ABSENT, b("1")));
    assertFalse(db.compareAndSet(KEY, Shale.VERSION_ABSENT, b("2")));
    long version = db.getVersioned(KEY).orElseThrow().version();
    db.put(KEY, b("1"));
    assertFalse("an equal value is no equal version", db.compareAndSet(KEY, version, b("2")));
    version = db.getVersioned(KEY).orElseThrow().version();
    assertTrue(db.compareAndSet(KEY, version, b("2"), WriteOptions.DEFAULT.ttl(Duration.ofMinutes(1))));
    assertFalse(db.compareAndDelete(KEY, version));
    assertTrue(db.compareAndDelete(KEY, db.getVersioned(KEY).orElseThrow().version()));
  }

  @Test
  public void counters() {
    assertEquals(1, db.increment(KEY));
    assertEquals(11, db.increment(KEY, 10));
    assertEquals(13, db.increment(KEY, 2, WriteOptions.DEFAULT.sync()));
    assertEquals(12, db.decrement(KEY));
    assertEquals(2, db.decrement(KEY, 10));
    assertEquals(-1, db.decrement(KEY, 3, WriteOptions.DEFAULT));
    assertEquals("-1", s(db.get(KEY)));
    WriteOptions ttl = WriteOptions.DEFAULT.ttl(Duration.ofSeconds(1));
    assertThrows(IllegalArgumentException.class, () -> db.increment(KEY, 1, ttl));
  }

  @Test
  public void countersThatCannotCount() {
    db.put(KEY, b("nine"));
    CounterException text = assertThrows(CounterException.class, () -> db.increment(KEY));
    assertEquals(StatusCode.E_NOT_A_NUMBER, text.code());
    db.put(KEY, b("" + Long.MAX_VALUE));
    CounterException over = assertThrows(CounterException.class, () -> db.increment(KEY));
    assertEquals(StatusCode.E_OVERFLOW, over.code());
    assertEquals("" + Long.MAX_VALUE, s(db.get(KEY)));
  }

  @Test
  public void timesToLive() {
    assertEquals(Optional.empty(), db.ttl(KEY));
    db.put(KEY, b("v"));
    assertEquals(Optional.of(Shale.FOREVER), db.ttl(KEY));
    assertTrue(db.expire(KEY, Duration.ofSeconds(100)));
    long leftMs = db.ttl(KEY).orElseThrow().toMillis();
    assertTrue("left " + leftMs, leftMs > 90_000 && leftMs <= 100_000);
    db.put(KEY, b("w"), WriteOptions.DEFAULT.keepTtl());
    assertTrue(db.ttl(KEY).orElseThrow().toMillis() <= 100_000);
    assertTrue(db.persist(KEY));
    assertEquals(Optional.of(Shale.FOREVER), db.ttl(KEY, ReadOptions.DEFAULT));
    assertTrue(db.expire(KEY, Shale.FOREVER));
    assertTrue(db.expire(KEY, WriteOptions.DEFAULT));
    assertFalse(db.expire(b("missing"), Duration.ofSeconds(1)));
    assertFalse(db.persist(b("missing")));
  }

  @Test
  public void aKeyIsGoneWhenItsTimeIsOver() throws InterruptedException {
    db.put(KEY, b("v"), Duration.ofMillis(20));
    Thread.sleep(40);
    assertNull(db.get(KEY));
    assertTrue(db.putIfAbsent(KEY, b("w")));
  }

  @Test
  public void timesToLiveAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> db.put(KEY, b("v"), Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> db.put(KEY, b("v"), Duration.ofMillis(-1)));
    assertThrows(
        IllegalArgumentException.class, () -> db.put(KEY, b("v"), Duration.ofSeconds(Long.MAX_VALUE)));
    assertFalse(db.containsKey(KEY));
    db.put(KEY, b("v"), Duration.ofNanos(1));
    assertEquals("parts of a millisecond are one", 1, Durations.toTtlMs(Duration.ofNanos(1)));
    assertEquals(2, Durations.toTtlMs(Duration.ofNanos(1_000_001)));
  }

  @Test
  public void defaultTtlOfAStore() {
    try (Shale brief = Shale.inMemoryBuilder().memory("16MiB").defaultTtl(Duration.ofMinutes(5)).open()) {
      brief.put(KEY, b("v"));
      assertTrue(brief.ttl(KEY).orElseThrow().toMillis() <= 300_000);
      brief.put(KEY, b("v"), Shale.FOREVER);
      assertEquals(Shale.FOREVER, brief.ttl(KEY).orElseThrow());
    }
  }

  @Test
  public void computeIfAbsentRunsItsFunctionOnce() {
    AtomicInteger runs = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      byte[] value = db.computeIfAbsent(KEY, key -> b(s(key) + runs.incrementAndGet()));
      assertEquals("key1", s(value));
    }
    assertEquals(1, runs.get());
    assertNull(db.computeIfAbsent(b("none"), key -> null));
    assertFalse(db.containsKey(b("none")));
    WriteOptions minute = WriteOptions.DEFAULT.ttl(Duration.ofMinutes(1));
    db.computeIfAbsent(b("short"), key -> b("v"), minute);
    assertTrue(db.ttl(b("short")).orElseThrow().toMillis() <= 60_000);
  }

  @Test
  public void computeIfAbsentReturnsTheValueThatWasFirst() {
    byte[] value = db.computeIfAbsent(KEY, key -> {
      db.put(KEY, b("another thread"));
      return b("mine");
    });
    assertEquals("another thread", s(value));
  }
}
