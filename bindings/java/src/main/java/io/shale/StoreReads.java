package io.shale;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Reading one key. */
abstract class StoreReads extends StoreHandle {
  StoreReads(long handle) { super(handle); }

  /**
   * The value of a key. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @return a copy that belongs to the caller, null if there is no such key
   * @throws IllegalArgumentException if the key has no bytes, or too many
   */
  public byte[] get(byte[] key) {
    return read(key, 0);
  }

  private byte[] read(byte[] key, int flags) {
    Objects.requireNonNull(key, "key");
    try {
      return key.length <= Scratch.KEY_BYTES ? Scratch.read(handle, key, flags)
                                             : NativeJNI.shale_get_view(handle, key, null, flags);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The value of a key, read as the options say.
   *
   * @param key 1 to 65,535 bytes
   * @param options how to read
   * @return a copy that belongs to the caller, null if there is no such key
   * @throws WouldBlockException if options are {@link ReadOptions#cacheOnly()} and only the disk can tell
   */
  public byte[] get(byte[] key, ReadOptions options) {
    return read(key, options.flags);
  }

  /**
   * The value of a key, as an Optional. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @return a copy that belongs to the caller, empty if there is no such key
   */
  public Optional<byte[]> find(byte[] key) { return Optional.ofNullable(get(key)); }

  /**
   * The value of a key, or another one. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param otherwise what to return if there is no such key; may be null
   * @return a copy that belongs to the caller, or otherwise itself
   */
  public byte[] getOrDefault(byte[] key, byte[] otherwise) {
    byte[] value = get(key);
    return value != null ? value : otherwise;
  }

  /**
   * Copies the value of a key into an array that is there already. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param to where the value goes, from its first byte on
   * @return the length of the value; if that is above {@code to.length}, nothing was copied; -1 if there is
   *     no such key
   */
  public int get(byte[] key, byte[] to) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(to, "to");
    try {
      return (int) NativeJNI.get_to_array(handle, key, to, 0);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Copies the value of a key into a buffer, at its position. Into a direct buffer it goes at once, without
   * an array in between, which pays from about 4 KiB on. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @param to where the value goes; its position moves to the end of the value
   * @return the length of the value; if that is above {@code to.remaining()}, nothing was copied and the
   *     position stays; -1 if there is no such key
   */
  public int get(byte[] key, ByteBuffer to) {
    Objects.requireNonNull(key, "key");
    if (!to.isDirect()) {
      return copyTo(to, get(key));
    }
    checkWritable(to);
    try {
      long length = NativeJNI.get_to_direct(handle, key, to, to.position(), to.remaining(), 0);
      return moved(to, length);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The same with the key in a buffer: its remaining bytes. If both buffers are direct, nothing is copied but
   * the value itself.
   *
   * @param key 1 to 65,535 bytes remain in it; its position stays
   * @param to where the value goes; its position moves to the end of the value
   * @return as {@link #get(byte[], ByteBuffer)}
   */
  public int get(ByteBuffer key, ByteBuffer to) {
    if (!key.isDirect() || !to.isDirect()) {
      return get(Buffers.toArray(key), to);
    }
    checkWritable(to);
    try {
      long length = NativeJNI.get_direct(
          handle, key, key.position(), key.remaining(), to, to.position(), to.remaining(), 0);
      return moved(to, length);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Lends the value of a key to a function, without a copy. May wait for the disk.
   *
   * <pre>{@code
   * int first = db.read(key, value -> Byte.toUnsignedInt(value.get(0)));
   * }</pre>
   *
   * <p>The buffer ends with the function: it must not be kept, nor a slice or duplicate of it, for its memory
   * is used for other values then. What the function returns must be its own. While the function runs the
   * bytes stay as they are, whatever happens to the key, and cannot be reused: be brief.
   *
   * @param <R> what the function makes of the value
   * @param key 1 to 65,535 bytes
   * @param function gets the value as a read-only, direct buffer
   * @return what the function returned, null if there is no such key
   * @throws IllegalArgumentException if the function returned the buffer itself
   */
  public <R> R read(byte[] key, Function<? super ByteBuffer, ? extends R> function) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(function, "function");
    long[] pin = new long[1];
    try {
      ByteBuffer value = NativeJNI.shale_get_pinned(handle, key, pin, null, 0);
      if (value == null) {
        return null;
      }
      ByteBuffer view = value.asReadOnlyBuffer();
      R result = function.apply(view);
      if (result == view) {
        throw new IllegalArgumentException("the function returned the buffer, which ends with the call");
      }
      return result;
    } finally {
      NativeJNI.shale_pin_free(pin[0]);
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The value of a key with its version, for {@link Shale#compareAndSet(byte[], long, byte[])}. May wait for
   * the disk.
   *
   * @param key 1 to 65,535 bytes
   * @return both, from one read; empty if there is no such key
   */
  public Optional<Versioned> getVersioned(byte[] key) {
    Objects.requireNonNull(key, "key");
    long[] version = new long[1];
    try {
      byte[] value = NativeJNI.shale_get_view(handle, key, version, 0);
      return value != null ? Optional.of(new Versioned(value, version[0])) : Optional.empty();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * What the memory tier knows about a key. Never waits for the disk, so that it may be called from an event
   * loop.
   *
   * @param key 1 to 65,535 bytes
   * @return the value, or that there is none, or that only the disk can tell
   */
  public Peek peek(byte[] key) {
    Objects.requireNonNull(key, "key");
    byte[][] value = new byte[1][];
    try {
      switch (NativeJNI.shale_get(handle, key, value, null, Flags.CACHE_ONLY)) {
        case StatusCode.OK:
          return Peek.found(value[0]);
        case StatusCode.WOULD_BLOCK:
          return Peek.WOULD_BLOCK;
        default:
          return Peek.ABSENT;
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Whether there is such a key. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @return true if there is
   */
  public boolean containsKey(byte[] key) { return containsKey(key, ReadOptions.DEFAULT); }

  /**
   * Whether there is such a key, read as the options say.
   *
   * @param key 1 to 65,535 bytes
   * @param options how to read
   * @return true if there is
   * @throws WouldBlockException if options are {@link ReadOptions#cacheOnly()} and only the disk can tell
   */
  public boolean containsKey(byte[] key, ReadOptions options) {
    Objects.requireNonNull(key, "key");
    try {
      return unblocked(NativeJNI.shale_exists(handle, key, options.flags)) == StatusCode.OK;
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * How long a key has left. May wait for the disk.
   *
   * @param key 1 to 65,535 bytes
   * @return at least a millisecond, or {@link Shale#FOREVER} if the key does not expire; empty if there is no
   *     such key
   */
  public Optional<Duration> ttl(byte[] key) { return ttl(key, ReadOptions.DEFAULT); }

  /**
   * How long a key has left, read as the options say.
   *
   * @param key 1 to 65,535 bytes
   * @param options how to read
   * @return as {@link #ttl(byte[])}
   * @throws WouldBlockException if options are {@link ReadOptions#cacheOnly()} and only the disk can tell
   */
  public Optional<Duration> ttl(byte[] key, ReadOptions options) {
    Objects.requireNonNull(key, "key");
    long[] ttlMs = new long[1];
    try {
      int status = unblocked(NativeJNI.shale_ttl(handle, key, ttlMs, options.flags));
      return status == StatusCode.OK ? Optional.of(Durations.ofTtlMs(ttlMs[0])) : Optional.empty();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private static int unblocked(int status) {
    if (status == StatusCode.WOULD_BLOCK) {
      throw new WouldBlockException(NativeJNI.shale_status_text(status));
    }
    return status;
  }

  private static void checkWritable(ByteBuffer to) {
    if (to.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
  }

  private static int moved(ByteBuffer to, long length) {
    if (length > 0 && length <= to.remaining()) {
      to.position(to.position() + (int) length);
    }
    return (int) length;
  }

  private static int copyTo(ByteBuffer to, byte[] value) {
    checkWritable(to);
    if (value == null) {
      return -1;
    }
    if (value.length <= to.remaining()) {
      to.put(value);
    }
    return value.length;
  }
}
