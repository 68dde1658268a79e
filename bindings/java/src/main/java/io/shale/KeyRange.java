package io.shale;

/**
 * Keys that lie beside each other, for calls that work on them as a whole. Immutable, if nobody changes the
 * arrays.
 *
 * <pre>{@code
 * db.deleteRange(KeyRange.prefix(session));
 * Extent users = db.estimate(KeyRange.between(first, last));
 * }</pre>
 */
public final class KeyRange {
  private static final KeyRange ALL = new KeyRange(null, null, 0);

  final byte[] from;
  final byte[] to;
  final int flags;

  private KeyRange(byte[] from, byte[] to, int flags) {
    this.from = from;
    this.to = to;
    this.flags = flags;
  }

  /**
   * Every key.
   *
   * @return a range without bounds
   */
  public static KeyRange all() { return ALL; }

  /**
   * Keys with from &lt;= key &lt; to. A range that holds no key is fine: there is nothing to do.
   *
   * @param from the first key; null or empty for no bound
   * @param to the first key that is not meant any more; null or empty for no bound
   * @return that range
   */
  public static KeyRange between(byte[] from, byte[] to) { return new KeyRange(from, to, 0); }

  /**
   * Keys that start with these bytes.
   *
   * @param prefix the bytes; empty for every key
   * @return that range
   */
  public static KeyRange prefix(byte[] prefix) {
    return new KeyRange(java.util.Objects.requireNonNull(prefix, "prefix"), null, Flags.PREFIX);
  }
}
