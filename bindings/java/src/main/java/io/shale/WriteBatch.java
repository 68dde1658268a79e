package io.shale;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Writes that happen together or not at all, over all shards, also over a crash; see {@link
 * Shale#write(WriteBatch)}. A later operation on the same key wins.
 *
 * <pre>{@code
 * db.write(new WriteBatch()
 *     .put(from, less)
 *     .put(to, more)
 *     .delete(pending));
 * }</pre>
 *
 * <p>Keys and values are copied in, and checked when the batch is written. It lives on the Java heap: nothing
 * needs to be closed. It may be written again, to several stores too. One thread at a time.
 */
public final class WriteBatch {
  private static final int PUT = 1;
  private static final int DELETE = 2;

  private final Packer packed = new Packer(256);
  private int count;

  /** Makes an empty batch. */
  public WriteBatch() {}

  /**
   * Sets a key, with the store's time to live.
   *
   * @param key the key
   * @param value its value
   * @return this batch
   */
  public WriteBatch put(byte[] key, byte[] value) { return put(key, value, WriteOptions.DEFAULT); }

  /**
   * Sets a key that expires.
   *
   * @param key the key
   * @param value its value
   * @param ttl longer than nothing, or {@link Shale#FOREVER}; it begins when the batch is written
   * @return this batch
   */
  public WriteBatch put(byte[] key, byte[] value, Duration ttl) {
    return put(key, value, WriteOptions.DEFAULT.ttl(ttl));
  }

  /**
   * Sets a key with options, of which a batch takes only a time to live. All others concern the whole batch
   * and belong to
   * {@link Shale#write(WriteBatch, WriteOptions)}.
   *
   * @param key the key
   * @param value its value
   * @param options a time to live, not {@link WriteOptions#keepTtl()}
   * @return this batch
   * @throws IllegalArgumentException if options say anything else
   */
  public WriteBatch put(byte[] key, byte[] value, WriteOptions options) {
    if (options.flags != 0) {
      throw new IllegalArgumentException("a row of a batch takes a time to live and no other option");
    }
    packed.putByte(PUT);
    packed.putSized(key);
    packed.putLong(options.ttlMs);
    packed.putSized(value);
    count++;
    return this;
  }

  /**
   * Sets a key to a text, both as UTF-8.
   *
   * @param key the key
   * @param value its value
   * @return this batch
   */
  public WriteBatch put(String key, String value) {
    return put(key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Deletes a key, whether or not it is there.
   *
   * @param key the key
   * @return this batch
   */
  public WriteBatch delete(byte[] key) {
    packed.putByte(DELETE);
    packed.putSized(key);
    count++;
    return this;
  }

  /**
   * Deletes a key given as text.
   *
   * @param key the key, as UTF-8
   * @return this batch
   */
  public WriteBatch delete(String key) { return delete(key.getBytes(StandardCharsets.UTF_8)); }

  /**
   * Number of operations.
   *
   * @return puts and deletes since the batch was made or cleared
   */
  public int count() { return count; }

  /**
   * Takes all operations out, so that the batch can be used for others. Keeps its memory.
   *
   * @return this batch
   */
  public WriteBatch clear() {
    packed.clear();
    count = 0;
    return this;
  }

  byte[] packed() { return packed.toArray(); }
}
