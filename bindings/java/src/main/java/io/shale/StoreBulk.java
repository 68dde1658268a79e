package io.shale;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** Many keys a call: packed into one array each way, so that the border is crossed once. */
abstract class StoreBulk extends StoreLoads {
  private static final int NOT_FOUND = -1;

  StoreBulk(long handle) { super(handle); }

  /**
   * The values of many keys, for a fraction of the cost per key. They are not of one instant: each key is
   * read by itself. May wait for the disk.
   *
   * @param keys each 1 to 65,535 bytes
   * @return the values in the order of the keys; null where there is no such key. The list is modifiable, of
   *     the caller
   */
  public List<byte[]> getAll(Collection<byte[]> keys) { return getAll(keys, ReadOptions.DEFAULT); }

  /**
   * The values of many keys, read as the options say.
   *
   * @param keys each 1 to 65,535 bytes
   * @param options how to read
   * @return as {@link #getAll(Collection)}
   * @throws WouldBlockException if options are {@link ReadOptions#cacheOnly()} and only the disk can tell for
   *     one of them;
   *     {@link #peekAll} tells for each
   */
  public List<byte[]> getAll(Collection<byte[]> keys, ReadOptions options) {
    return readAll(keys, options.flags, byte[][] ::new, new Answers<byte[]>() {
      @Override
      public byte[] found(byte[] value) {
        return value;
      }

      @Override
      public byte[] missing(int marker) {
        if (marker != NOT_FOUND) {
          throw new WouldBlockException(NativeJNI.shale_status_text(StatusCode.WOULD_BLOCK));
        }
        return null;
      }
    });
  }

  /**
   * What the memory tier knows about many keys. Never waits for the disk.
   *
   * @param keys each 1 to 65,535 bytes
   * @return in the order of the keys, for each the value, or that there is none, or that only the disk can
   *     tell
   */
  public List<Peek> peekAll(Collection<byte[]> keys) {
    return readAll(keys, Flags.CACHE_ONLY, Peek[] ::new, new Answers<Peek>() {
      @Override
      public Peek found(byte[] value) {
        return Peek.found(value);
      }

      @Override
      public Peek missing(int marker) {
        return marker == NOT_FOUND ? Peek.ABSENT : Peek.WOULD_BLOCK;
      }
    });
  }

  /**
   * Sets many keys, each by itself: after an error some may be set. {@link #write(WriteBatch)} sets all or
   * none. May wait for the disk.
   *
   * @param entries keys and values
   */
  public void putAll(Collection<Entry> entries) { putAll(entries, WriteOptions.DEFAULT); }

  /**
   * Sets many keys, as the options say.
   *
   * @param entries keys and values
   * @param options a time to live for all of them, {@link WriteOptions#sync()} and {@link
   *     WriteOptions#writeAround()}
   */
  public void putAll(Collection<Entry> entries, WriteOptions options) {
    Packer packed = new Packer(Math.max(64, 64 * Math.min(entries.size(), 1 << 20)));
    int count = 0;
    for (Entry entry : entries) {
      packed.putSized(entry.key());
      packed.putSized(entry.value());
      count++;
    }
    try {
      NativeJNI.shale_multi_put_packed(handle, packed.toArray(), count, options.ttlMs, options.flags);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Deletes many keys, each by itself, whether or not it is there. May wait for the disk.
   *
   * @param keys each 1 to 65,535 bytes
   */
  public void deleteAll(Collection<byte[]> keys) { deleteAll(keys, WriteOptions.DEFAULT); }

  /**
   * Deletes many keys, as the options say.
   *
   * @param keys each 1 to 65,535 bytes
   * @param options {@link WriteOptions#sync()} or nothing
   */
  public void deleteAll(Collection<byte[]> keys, WriteOptions options) {
    if (options.ttlMs != Flags.TTL_DEFAULT) {
      throw new IllegalArgumentException("a delete takes no time to live");
    }
    byte[][] array = keys.toArray(new byte[0][]);
    try {
      NativeJNI.shale_multi_delete_packed(handle, pack(array), array.length, options.flags);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Applies a batch: all of it or nothing, also over a crash; cursors see all of it or nothing. The batch is
   * unchanged and can be written again. May wait for the disk.
   *
   * @param batch what to write
   */
  public void write(WriteBatch batch) { write(batch, WriteOptions.DEFAULT); }

  /**
   * Applies a batch as the options say.
   *
   * @param batch what to write
   * @param options {@link WriteOptions#sync()} or nothing; times to live belong to the rows
   */
  public void write(WriteBatch batch, WriteOptions options) {
    if (options.ttlMs != Flags.TTL_DEFAULT) {
      throw new IllegalArgumentException("the rows of a batch have times to live, not the batch");
    }
    try {
      NativeJNI.shale_write_packed(handle, batch.packed(), batch.count(), options.flags);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Rows with from &lt;= key &lt; to, in key order. Making a cursor writes pending updates down first; that
   * and walking it may wait for the disk.
   *
   * @param from the first key; null or empty for no bound
   * @param to the first key that is not wanted any more; null or empty for no bound
   * @return a cursor to close
   */
  public Cursor scan(byte[] from, byte[] to) { return scan(Scan.range(from, to)); }

  /**
   * Rows whose key starts with these bytes, in key order; else as {@link #scan(byte[], byte[])}.
   *
   * @param prefix the bytes; empty for every row
   * @return a cursor to close
   */
  public Cursor prefix(byte[] prefix) { return scan(Scan.prefix(prefix)); }

  /**
   * Rows as a scan says; else as {@link #scan(byte[], byte[])}.
   *
   * @param scan which rows, in which order
   * @return a cursor to close
   */
  public Cursor scan(Scan scan) {
    try {
      long iter = scan.prefix != null
          ? NativeJNI.shale_iter_prefix(handle, scan.prefix, scan.limit, scan.flags)
          : NativeJNI.shale_iter_new(handle, scan.from, scan.to, scan.limit, scan.flags);
      return new Cursor(this, iter, scan.keysOnlyIsSet(), scan.resumable);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Rows as a stream, to be used in a try block: closing it closes the cursor below.
   *
   * <pre>{@code
   * try (Stream<Entry> rows = db.stream(Scan.prefix(user))) {
   *   return rows.map(Entry::valueText).collect(Collectors.toList());
   * }
   * }</pre>
   *
   * @param scan which rows, in which order
   * @return a sequential stream in that order
   */
  public Stream<Entry> stream(Scan scan) { return scan(scan).stream(); }

  /**
   * Goes on where a cursor stood: same bounds, same order, what is left of its limit; the rows are those of
   * now.
   *
   * @param token from {@link Cursor#token()}
   * @return a cursor to close, that has tokens too
   * @throws IllegalArgumentException if that is no token
   */
  public Cursor resume(byte[] token) {
    Objects.requireNonNull(token, "token");
    try {
      return new Cursor(this, NativeJNI.shale_iter_resume(handle, token), false, true);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** What becomes of each answer of a packed read. */
  private interface Answers<T> {
    T found(byte[] value);

    T missing(int marker);
  }

  private <T> List<T> readAll(Collection<byte[]> keys, int flags, IntFunction<T[]> list, Answers<T> answers) {
    byte[][] array = keys.toArray(new byte[0][]);
    byte[] packed;
    try {
      packed = NativeJNI.shale_multi_get_packed(handle, pack(array), array.length, flags);
    } finally {
      Reference.reachabilityFence(this);
    }
    T[] values = list.apply(array.length);
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      int length = Packer.intAt(packed, at);
      at += Integer.BYTES;
      if (length >= 0) {
        values[i] = answers.found(Arrays.copyOfRange(packed, at, at + length));
        at += length;
      } else {
        values[i] = answers.missing(length);
      }
    }
    return new ArrayList<>(Arrays.asList(values));
  }

  static byte[] pack(byte[][] keys) {
    long size = 0;
    for (byte[] key : keys) {
      size += Integer.BYTES + key.length;
    }
    Packer packed = new Packer((int) Math.min(size, Integer.MAX_VALUE - 8));
    for (byte[] key : keys) {
      packed.putSized(key);
    }
    return packed.toArray();
  }
}
