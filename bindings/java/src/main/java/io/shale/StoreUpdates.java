package io.shale;

import java.lang.ref.Reference;
import java.time.Duration;
import java.util.Objects;

/**
 * Changes of one key that depend on what it is now. All of them are one step that other writers cannot come
 * between.
 */
abstract class StoreUpdates extends StoreWrites {
  StoreUpdates(long handle) { super(handle); }

  /**
   * Sets a key if its value is the expected one, byte by byte. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param expected what the value must be
   * @param value what it becomes
   * @return true if it was set, false if the value is another or there is none
   */
  public boolean compareAndSet(byte[] key, byte[] expected, byte[] value) {
    return compareAndSet(key, expected, value, WriteOptions.DEFAULT);
  }

  /**
   * Sets a key as the options say, if its value is the expected one. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param expected what the value must be
   * @param value what it becomes
   * @param options a time to live and {@link WriteOptions#sync()}
   * @return true if it was set, false if the value is another or there is none
   */
  public boolean compareAndSet(byte[] key, byte[] expected, byte[] value, WriteOptions options) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(expected, "expected");
    Objects.requireNonNull(value, "value");
    try {
      return NativeJNI.shale_compare_and_set(handle, key, expected, value, options.ttlMs, null, options.flags)
          == StatusCode.OK;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Sets a key if it has not changed since a version was read. May wait for the disk.
   *
   * <pre>{@code
   * for (;;) {
   *   Versioned seen = db.getVersioned(key).orElseThrow();
   *   if (db.compareAndSet(key, seen.version(), improve(seen.value()))) {
   *     break;
   *   }
   * }
   * }</pre>
   *
   * @param key 1 to 65,535 bytes
   * @param version from {@link Shale#getVersioned} or {@link Shale#putVersioned}, or {@link
   *     Shale#VERSION_ABSENT} if there must be no such key
   * @param value what it becomes
   * @return true if it was set, false if the key has another version
   */
  public boolean compareAndSet(byte[] key, long version, byte[] value) {
    return compareAndSet(key, version, value, WriteOptions.DEFAULT);
  }

  /**
   * Sets a key as the options say, if it has not changed since a version was read. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param version as in {@link #compareAndSet(byte[], long, byte[])}
   * @param value what it becomes
   * @param options a time to live and {@link WriteOptions#sync()}
   * @return true if it was set, false if the key has another version
   */
  public boolean compareAndSet(byte[] key, long version, byte[] value, WriteOptions options) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    try {
      return NativeJNI.shale_compare_version_and_set(
                 handle, key, version, value, options.ttlMs, null, options.flags)
          == StatusCode.OK;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Deletes a key if its value is the expected one. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param expected what the value must be
   * @return true if it was deleted, false if the value is another or there is none
   */
  public boolean compareAndDelete(byte[] key, byte[] expected) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(expected, "expected");
    try {
      return NativeJNI.shale_compare_and_delete(handle, key, expected, 0) == StatusCode.OK;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Deletes a key if it has not changed since a version was read. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param version as in {@link #compareAndSet(byte[], long, byte[])}
   * @return true if it was deleted, false if the key has another version
   */
  public boolean compareAndDelete(byte[] key, long version) {
    Objects.requireNonNull(key, "key");
    try {
      return NativeJNI.shale_compare_version_and_delete(handle, key, version, 0) == StatusCode.OK;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Adds 1 to a counter.
   *
   * @param key 1 to 65,535 bytes
   * @return the new number
   */
  public long increment(byte[] key) { return increment(key, 1); }

  /**
   * Adds to a counter, which is kept as decimal text. A missing key counts as 0; the deadline stays. May wait
   * for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param delta what to add
   * @return the new number
   * @throws CounterException if the value is not a number, or the sum is none of 64 bits; nothing is changed
   *     then
   */
  public long increment(byte[] key, long delta) { return increment(key, delta, WriteOptions.DEFAULT); }

  /**
   * Adds to a counter, as the options say.
   *
   * @param key 1 to 65,535 bytes
   * @param delta what to add
   * @param options {@link WriteOptions#sync()} or nothing
   * @return the new number
   */
  public long increment(byte[] key, long delta, WriteOptions options) {
    return count(NativeJNI::shale_incr, key, delta, options);
  }

  /**
   * Subtracts 1 from a counter.
   *
   * @param key 1 to 65,535 bytes
   * @return the new number
   */
  public long decrement(byte[] key) { return decrement(key, 1); }

  /**
   * Subtracts from a counter; else as {@link #increment(byte[], long)}.
   *
   * @param key 1 to 65,535 bytes
   * @param delta what to subtract
   * @return the new number
   */
  public long decrement(byte[] key, long delta) { return decrement(key, delta, WriteOptions.DEFAULT); }

  /**
   * Subtracts from a counter, as the options say.
   *
   * @param key 1 to 65,535 bytes
   * @param delta what to subtract
   * @param options {@link WriteOptions#sync()} or nothing
   * @return the new number
   */
  public long decrement(byte[] key, long delta, WriteOptions options) {
    return count(NativeJNI::shale_decr, key, delta, options);
  }

  /**
   * Gives a key a new time to live, from now on. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param ttl longer than nothing, or {@link Shale#FOREVER}
   * @return false if there is no such key
   */
  public boolean expire(byte[] key, Duration ttl) { return expire(key, WriteOptions.DEFAULT.ttl(ttl)); }

  /**
   * Gives a key a new time to live, from now on, as the options say: without a time to live of their own, the
   * store's. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param options a time to live and {@link WriteOptions#sync()}
   * @return false if there is no such key
   */
  public boolean expire(byte[] key, WriteOptions options) {
    Objects.requireNonNull(key, "key");
    try {
      return NativeJNI.shale_expire(handle, key, options.ttlMs, options.flags) == StatusCode.OK;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Takes the deadline of a key away. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @return false if there is no such key
   */
  public boolean persist(byte[] key) {
    Objects.requireNonNull(key, "key");
    try {
      return NativeJNI.shale_persist(handle, key, 0) == StatusCode.OK;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** One of the two calls on counters. A difference is no sum with another sign: there is one delta less below 0. */
  @FunctionalInterface
  private interface CounterCall {
    int call(long handle, byte[] key, long delta, long[] result, int flags);
  }

  private long count(CounterCall counter, byte[] key, long delta, WriteOptions options) {
    Objects.requireNonNull(key, "key");
    if (options.ttlMs != Flags.TTL_DEFAULT) {
      throw new IllegalArgumentException("a counter keeps its deadline; use expire");
    }
    long[] result = new long[1];
    try {
      counter.call(handle, key, delta, result, options.flags);
      return result[0];
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
