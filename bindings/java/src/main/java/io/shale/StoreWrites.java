package io.shale;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;

/** Setting and deleting one key. */
abstract class StoreWrites extends StoreReads {
  StoreWrites(long handle) { super(handle); }

  /**
   * Sets a key, with the store's time to live, as durable as its option {@code durability} says. May wait for
   * the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @throws IllegalArgumentException if the key has no bytes
   * @throws ShaleException if key or value are too large ({@link StatusCode#E_TOO_LARGE}), or the write
   *     failed
   */
  public void put(byte[] key, byte[] value) { write(key, value, Flags.TTL_DEFAULT, null, 0); }

  /**
   * Sets a key that expires. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @param ttl longer than nothing, or {@link Shale#FOREVER}
   */
  public void put(byte[] key, byte[] value, Duration ttl) {
    write(key, value, Durations.toTtlMs(ttl), null, 0);
  }

  /**
   * Sets a key as the options say. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @param options how to write
   * @return false if the options have a condition that did not hold, and nothing was written
   */
  public boolean put(byte[] key, byte[] value, WriteOptions options) {
    return write(key, value, options.ttlMs, null, options.flags) == StatusCode.OK;
  }

  /**
   * Sets a key from buffers: their remaining bytes; positions stay. If both are direct, nothing is copied on
   * the Java side. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   */
  public void put(ByteBuffer key, ByteBuffer value) { put(key, value, WriteOptions.DEFAULT); }

  /**
   * Sets a key from buffers, as the options say: their remaining bytes; positions stay. May wait for the
   * disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @param options how to write
   * @return false if the options have a condition that did not hold, and nothing was written
   */
  public boolean put(ByteBuffer key, ByteBuffer value, WriteOptions options) {
    if (!key.isDirect() || !value.isDirect()) {
      return put(Buffers.toArray(key), Buffers.toArray(value), options);
    }
    try {
      return NativeJNI.put_direct(handle, key, key.position(), key.remaining(), value, value.position(),
                 value.remaining(), options.ttlMs, options.flags)
          == StatusCode.OK;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Sets a key and tells the version that this made, for a later {@link Shale#compareAndSet(byte[], long,
   * byte[])}. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @param options how to write, without a condition
   * @return the new version of the key
   * @throws IllegalArgumentException if options have a condition: without a write there is no version
   */
  public long putVersioned(byte[] key, byte[] value, WriteOptions options) {
    if ((options.flags & (Flags.IF_ABSENT | Flags.IF_PRESENT)) != 0) {
      throw new IllegalArgumentException("putVersioned takes no condition; use compareAndSet");
    }
    long[] version = new long[1];
    write(key, value, options.ttlMs, version, options.flags);
    return version[0];
  }

  /**
   * Sets a key if there is no such key. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @return true if it was set, false if the key exists
   */
  public boolean putIfAbsent(byte[] key, byte[] value) {
    return write(key, value, Flags.TTL_DEFAULT, null, Flags.IF_ABSENT) == StatusCode.OK;
  }

  /**
   * Sets a key that expires, if there is no such key. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @param ttl longer than nothing, or {@link Shale#FOREVER}
   * @return true if it was set, false if the key exists
   */
  public boolean putIfAbsent(byte[] key, byte[] value, Duration ttl) {
    return write(key, value, Durations.toTtlMs(ttl), null, Flags.IF_ABSENT) == StatusCode.OK;
  }

  /**
   * Sets a key if there is such a key. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @return true if it was set, false if there is no such key
   */
  public boolean replace(byte[] key, byte[] value) {
    return write(key, value, Flags.TTL_DEFAULT, null, Flags.IF_PRESENT) == StatusCode.OK;
  }

  /**
   * Sets a key and returns what it was before, in one step. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @return the old value, null if there was none
   */
  public byte[] getAndSet(byte[] key, byte[] value) {
    return getAndSet(key, value, WriteOptions.DEFAULT);
  }

  /**
   * Sets a key as the options say and returns what it was before, in one step. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param value 0 bytes to 1 GiB
   * @param options a time to live and {@link WriteOptions#sync()}
   * @return the old value, null if there was none
   */
  public byte[] getAndSet(byte[] key, byte[] value, WriteOptions options) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    byte[][] old = new byte[1][];
    try {
      NativeJNI.shale_get_and_set(handle, key, value, options.ttlMs, old, null, options.flags);
      return old[0];
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Deletes a key, and tells whether it was there: it has to look first. {@link #delete(byte[])} does not.
   * May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @return true if there was such a key
   */
  public boolean remove(byte[] key) { return delete(key, WriteOptions.DEFAULT.ifPresent()); }

  /**
   * Deletes a key, whether or not it is there. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   */
  public void delete(byte[] key) { delete(key, WriteOptions.DEFAULT); }

  /**
   * Deletes a key as the options say. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param options {@link WriteOptions#ifPresent()} and {@link WriteOptions#sync()}
   * @return false if the options are ifPresent and there is no such key
   */
  public boolean delete(byte[] key, WriteOptions options) {
    Objects.requireNonNull(key, "key");
    if (options.ttlMs != Flags.TTL_DEFAULT) {
      throw new IllegalArgumentException("a delete takes no time to live");
    }
    try {
      return NativeJNI.shale_delete(handle, key, options.flags) == StatusCode.OK;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private int write(byte[] key, byte[] value, long ttlMs, long[] version, int flags) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    try {
      return NativeJNI.shale_put(handle, key, value, ttlMs, version, flags);
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
