package io.shale;

/**
 * Which rows to read, in which order. Immutable; each method returns another one.
 *
 * <pre>{@code
 * try (Cursor last = db.scan(Scan.prefix(user).reverse().limit(20))) {
 *   for (Entry row : last) { ... }
 * }
 * }</pre>
 */
public final class Scan {
  private static final Scan ALL = new Scan(null, null, null, 0, 0, false);

  /** Not null: rows that start with it, and then the bounds are not looked at. */
  final byte[] prefix;

  final byte[] from;
  final byte[] to;
  final long limit;
  final int flags;
  final boolean resumable;

  private Scan(byte[] prefix, byte[] from, byte[] to, long limit, int flags, boolean resumable) {
    this.prefix = prefix;
    this.from = from;
    this.to = to;
    this.limit = limit;
    this.flags = flags;
    this.resumable = resumable;
  }

  /**
   * Every row.
   *
   * @return a scan over the whole store
   */
  public static Scan all() { return ALL; }

  /**
   * Rows with from &lt;= key &lt; to.
   *
   * @param from the first key; null or empty for no bound
   * @param to the first key that is not wanted any more; null or empty for no bound
   * @return a scan of that range
   */
  public static Scan range(byte[] from, byte[] to) {
    return new Scan(null, clone(from), clone(to), 0, 0, false);
  }

  /**
   * Rows whose key starts with these bytes.
   *
   * @param prefix the bytes; empty for every row
   * @return a scan of those rows
   */
  public static Scan prefix(byte[] prefix) { return new Scan(prefix.clone(), null, null, 0, 0, false); }

  /**
   * From the highest key down.
   *
   * @return this scan in that order
   */
  public Scan reverse() { return new Scan(prefix, from, to, limit, flags | Flags.REVERSE, resumable); }

  /**
   * Not more rows than this.
   *
   * @param rows most rows to return, 0 for all
   * @return this scan with that limit
   */
  public Scan limit(long rows) { return new Scan(prefix, from, to, rows, flags, resumable); }

  /**
   * Only keys: values are not read, and come as empty arrays.
   *
   * @return this scan without values
   */
  public Scan keysOnly() { return new Scan(prefix, from, to, limit, flags | Flags.KEYS_ONLY, resumable); }

  /**
   * A cursor that can say where it stands, {@link Cursor#token()}. It fetches rows one by one; other cursors
   * fetch many at a time, which takes about a third of the time per row.
   *
   * @return this scan, resumable
   */
  public Scan resumable() { return new Scan(prefix, from, to, limit, flags, true); }

  boolean keysOnlyIsSet() { return (flags & Flags.KEYS_ONLY) != 0; }

  private static byte[] clone(byte[] bytes) { return bytes == null ? null : bytes.clone(); }
}
