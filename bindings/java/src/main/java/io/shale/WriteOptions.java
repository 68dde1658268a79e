package io.shale;

import java.time.Duration;

/**
 * How one call writes. Immutable; each method returns another set. A call that has no use for an option
 * refuses it with an
 * {@link IllegalArgumentException}.
 *
 * <pre>{@code
 * static final WriteOptions SESSION = WriteOptions.DEFAULT.ttl(Duration.ofMinutes(20)).sync();
 * db.put(key, value, SESSION);
 * }</pre>
 */
public final class WriteOptions {
  /** As durable as the store's option {@code durability} says, with the store's time to live. */
  public static final WriteOptions DEFAULT = new WriteOptions(0, Flags.TTL_DEFAULT);

  final int flags;
  final long ttlMs;

  private WriteOptions(int flags, long ttlMs) {
    this.flags = flags;
    this.ttlMs = ttlMs;
  }

  /**
   * Returns from the call only when the write would survive a loss of power.
   *
   * @return these options and that one
   */
  public WriteOptions sync() { return new WriteOptions(flags | Flags.SYNC, ttlMs); }

  /**
   * How long the key lives. Parts of a millisecond count as a whole one.
   *
   * @param ttl longer than nothing, or {@link Shale#FOREVER}
   * @return these options with that one
   * @throws IllegalArgumentException if ttl is zero or negative
   */
  public WriteOptions ttl(Duration ttl) { return new WriteOptions(flags, Durations.toTtlMs(ttl)); }

  /**
   * Leaves the deadline that the key has now. A new key gets the store's time to live.
   *
   * @return these options with that one
   */
  public WriteOptions keepTtl() { return new WriteOptions(flags, Flags.TTL_KEEP); }

  /**
   * Writes only when there is no such key.
   *
   * @return these options and that one
   */
  public WriteOptions ifAbsent() { return new WriteOptions(flags | Flags.IF_ABSENT, ttlMs); }

  /**
   * Writes only when there is such a key.
   *
   * @return these options and that one
   */
  public WriteOptions ifPresent() { return new WriteOptions(flags | Flags.IF_PRESENT, ttlMs); }

  /**
   * Does not keep the value in memory. For values that will not be read soon.
   *
   * @return these options and that one
   */
  public WriteOptions writeAround() { return new WriteOptions(flags | Flags.WRITE_AROUND, ttlMs); }
}
