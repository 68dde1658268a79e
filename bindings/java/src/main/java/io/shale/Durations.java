package io.shale;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * Times to live between {@link Duration} and the milliseconds of the C interface, where 0 and below have
 * meanings of their own.
 */
final class Durations {
  static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

  private Durations() {}

  /** Rounded up: a key must not live shorter than was asked for. */
  static long toTtlMs(Duration ttl) {
    if (ttl.equals(FOREVER)) {
      return Flags.TTL_NEVER;
    }
    if (ttl.isNegative() || ttl.isZero()) {
      throw new IllegalArgumentException("ttl is " + ttl + "; it must be longer than nothing");
    }
    try {
      return ttl.plusNanos(999_999).toMillis();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "ttl is " + ttl + "; Shale.FOREVER is a key that does not expire", e);
    }
  }

  static Duration ofTtlMs(long ttlMs) {
    return ttlMs == Flags.TTL_NEVER ? FOREVER : Duration.ofMillis(ttlMs);
  }
}
