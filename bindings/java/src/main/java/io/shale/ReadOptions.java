package io.shale;

/**
 * How one call reads. Immutable; each method returns another set.
 *
 * <pre>{@code
 * byte[] page = db.get(key, ReadOptions.DEFAULT.noFill());
 * }</pre>
 */
public final class ReadOptions {
  /** From memory, else from disk, and then kept in memory. */
  public static final ReadOptions DEFAULT = new ReadOptions(0);

  final int flags;

  private ReadOptions(int flags) { this.flags = flags; }

  /**
   * Asks the memory tier only, so that the call never waits for the disk. What it cannot answer is a {@link
   * WouldBlockException}; {@link Shale#peek} says the same without an exception.
   *
   * @return these options and that one
   */
  public ReadOptions cacheOnly() { return new ReadOptions(flags | Flags.CACHE_ONLY); }

  /**
   * Does not keep in memory what had to be read from disk. For reads that visit much once.
   *
   * @return these options and that one
   */
  public ReadOptions noFill() { return new ReadOptions(flags | Flags.NO_FILL); }
}
