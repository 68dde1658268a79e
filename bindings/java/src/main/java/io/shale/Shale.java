package io.shale;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * An ordered, crash-safe key-value store in a directory, with a memory tier in front of it; or in memory
 * only. Keys and values are bytes; keys are ordered byte by byte, as unsigned numbers.
 *
 * <pre>{@code
 * try (Shale db = Shale.builder(Path.of("data")).memory("512MiB").open()) {
 *   db.put(key, value, Duration.ofHours(1));
 *   byte[] again = db.get(key);
 *   long visits = db.increment(counter);
 *   try (Cursor rows = db.prefix(user)) {
 *     rows.forEachRemaining(row -> System.out.println(row.keyText()));
 *   }
 * }
 * }</pre>
 *
 * <p>All methods may be called from any thread at any time. Calls on one key take effect one after the other;
 * {@link #write(WriteBatch)} makes many writes one. A process opens a directory once and shares the object.
 *
 * <p>Keys have {@link #KEY_BYTES_MIN} to {@link #KEY_BYTES_MAX} bytes, values up to {@link #VALUE_BYTES_MAX}.
 * Arrays that are passed are copied before the call returns, arrays that are returned belong to the caller.
 * Where it says "may wait for the disk" the calling thread blocks; a virtual thread blocks its carrier too.
 */
public final class Shale extends StoreFigures {
  /** A time to live that never ends. */
  public static final Duration FOREVER = Durations.FOREVER;

  /** The version of a key that does not exist, for {@link #compareAndSet(byte[], long, byte[])}. */
  public static final long VERSION_ABSENT = Flags.VERSION_ABSENT;

  /** Fewest bytes of a key. */
  public static final int KEY_BYTES_MIN = 1;

  /** Most bytes of a key. */
  public static final int KEY_BYTES_MAX = Flags.KEY_BYTES_MAX;

  /** Most bytes of a value. */
  public static final int VALUE_BYTES_MAX = Flags.VALUE_BYTES_MAX;

  /** Most bytes of all keys and values of one batch. */
  public static final int BATCH_BYTES_MAX = Flags.BATCH_BYTES_MAX;

  /** Number of parts on disk that fail one by one; see {@link #shardState}. */
  public static final int DISK_SHARDS = Flags.DISK_SHARDS;

  /** What a part of the store on disk still does. */
  public enum ShardState {
    /** It reads and writes. */
    OPEN,
    /** It had a write error; it reads, and refuses writes until the store is opened again. */
    READ_ONLY
  }

  Shale(long handle) { super(handle); }

  /**
   * Opens the store in a directory, creating it if there is none, with the usual options. After an unclean
   * end this replays what is in the logs. May wait for the disk.
   *
   * @param directory where the store is
   * @return a store to close
   * @throws LockedException if it is open already
   * @throws CorruptionException if stored bytes are damaged
   * @throws ShaleException if it cannot be opened for another reason; nothing is changed then
   */
  public static Shale open(Path directory) { return builder(directory).open(); }

  /**
   * Opens a store that lives in memory and is gone when it is closed.
   *
   * @return a store to close
   */
  public static Shale inMemory() { return inMemoryBuilder().open(); }

  /**
   * Begins to open a store in a directory with options.
   *
   * @param directory where the store is
   * @return a builder, whose last call is {@link ShaleBuilder#open()}
   */
  public static ShaleBuilder builder(Path directory) { return new ShaleBuilder(Text.ofPath(directory)); }

  /**
   * Begins to open a store in memory with options.
   *
   * @return a builder, whose last call is {@link ShaleBuilder#open()}
   */
  public static ShaleBuilder inMemoryBuilder() { return new ShaleBuilder(null); }

  /**
   * Removes the store in a directory: only files that are the store's, and the directory if it is empty then.
   * May wait for the disk.
   *
   * @param directory where the store is
   * @return false if there is no store
   * @throws LockedException if it is open
   */
  public static boolean destroy(Path directory) {
    return NativeJNI.shale_destroy(Text.ofPath(directory), 0) == StatusCode.OK;
  }

  /**
   * The value of a key, both as text. May wait for the disk.
   *
   * @param key the key, as UTF-8
   * @return the value read as UTF-8, null if there is no such key
   */
  public String get(String key) {
    byte[] value = get(utf8(key));
    return value != null ? new String(value, StandardCharsets.UTF_8) : null;
  }

  /**
   * Sets a key, both as text. May wait for the disk.
   *
   * @param key the key, as UTF-8
   * @param value the value, as UTF-8
   */
  public void put(String key, String value) { put(utf8(key), utf8(value)); }

  /**
   * Sets a key that expires, both as text. May wait for the disk.
   *
   * @param key the key, as UTF-8
   * @param value the value, as UTF-8
   * @param ttl longer than nothing, or {@link #FOREVER}
   */
  public void put(String key, String value, Duration ttl) { put(utf8(key), utf8(value), ttl); }

  /**
   * Whether there is a key given as text. May wait for the disk.
   *
   * @param key the key, as UTF-8
   * @return true if there is
   */
  public boolean containsKey(String key) { return containsKey(utf8(key)); }

  /**
   * Deletes a key given as text, and tells whether it was there. May wait for the disk.
   *
   * @param key the key, as UTF-8
   * @return true if there was such a key
   */
  public boolean remove(String key) { return remove(utf8(key)); }

  /**
   * Adds 1 to a counter whose key is given as text. May wait for the disk.
   *
   * @param key the key, as UTF-8
   * @return the new number
   */
  public long increment(String key) { return increment(utf8(key)); }

  /**
   * Rows whose key starts with a text, in key order.
   *
   * @param prefix the text, as UTF-8; empty for every row
   * @return a cursor to close
   */
  public Cursor prefix(String prefix) { return prefix(utf8(prefix)); }

  /**
   * Moves all that is pending into the index, so that the next open has nothing to replay. Waits for the
   * disk.
   */
  public void flush() {
    try {
      NativeJNI.shale_flush(handle);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** When it returns, every write that was done before it survives a loss of power. Waits for the disk. */
  public void sync() {
    try {
      NativeJNI.shale_sync(handle);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Gives back all disk space that can be had now. A store does the same by itself, a little at a time; reads
   * and writes go on meanwhile. Waits for the disk, for as long as it takes to rewrite what is in use.
   *
   * @param progress is told how far it is; may be null
   * @throws ShaleException with code {@link StatusCode#CANCELLED} if progress asked for the end; what was
   *     given back by then stays so
   */
  public void reclaim(Progress progress) {
    try {
      NativeJNI.reclaim(handle, progress);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Reads every byte of the store in a directory, which nobody may have open for writing, and changes
   * nothing. Damage is in the report, not an exception. {@link ShaleBuilder#verify} does it with a key. May wait
   * for the disk.
   *
   * @param directory where the store is
   * @param progress is told how far it is; may be null
   * @return what was found
   * @throws NoStoreException if there is no store
   * @throws LockedException if it is open for writing
   * @throws ShaleException if it cannot be read, or with code {@link StatusCode#CANCELLED} if progress asked
   *     for the end
   */
  public static VerifyReport verify(Path directory, Progress progress) {
    return builder(directory).verify(progress);
  }

  /**
   * Makes a new store of what can be proven of a damaged one, which nobody may have open for writing and
   * which is not changed. The new store appears when it is complete and durable. {@link
   * ShaleBuilder#salvageFrom} does it with keys and options. May wait for the disk.
   *
   * @param directory where the damaged store is
   * @param newDirectory where the new one will be; nothing may be there yet
   * @param progress is told how far it is; may be null
   * @return what could be saved
   * @throws NoStoreException if there is no store
   * @throws LockedException if it is open for writing
   * @throws ShaleException if it cannot be done; with code {@link StatusCode#EXISTS} if something is at the
   *     new place, with {@link StatusCode#CANCELLED} if progress asked for the end
   */
  public static SalvageReport salvage(Path directory, Path newDirectory, Progress progress) {
    return builder(newDirectory).salvageFrom(directory, null, progress);
  }

  /**
   * Makes a store in a new directory of a backup in another one, which is not changed. Every byte is compared with
   * the checksums of the backup. The store shares nothing with the backup, and appears when it is complete and
   * durable. May wait for the disk.
   *
   * @param backup where the backup is
   * @param directory where the store will be; nothing may be there yet
   * @param progress is told how far it is; may be null
   * @return what was moved
   * @throws CorruptionException if the backup is damaged; the message names the file
   * @throws NoStoreException if there is no backup, or it was opened as a store since
   * @throws ShaleException if it cannot be done; with code {@link StatusCode#EXISTS} if something is there, with
   *     {@link StatusCode#CANCELLED} if progress asked for the end
   */
  public static BackupReport restore(Path backup, Path directory, Progress progress) {
    return BackupReport.of(NativeJNI.restore(Text.ofPath(backup), Text.ofPath(directory), progress));
  }

  /**
   * Makes a store of a stream that {@link #backup(OutputStream, BackupOptions, Progress)} wrote, and that is read to
   * its end; else as {@link #restore(Path, Path, Progress)}. The stream is used on the thread of the caller, and is
   * not closed.
   *
   * @param from has the backup
   * @param directory where the store will be; nothing may be there yet
   * @param options {@link BackupOptions#base} is the backup that the stream builds on, restored if that was a stream
   *     too; or nothing
   * @param progress is told how far it is, on another thread; may be null
   * @return what was moved
   * @throws CorruptionException if the stream is damaged, cut short or continued
   * @throws IllegalArgumentException if there must be a base, or another one
   * @throws IOException from the stream
   */
  public static BackupReport restore(InputStream from, Path directory, BackupOptions options, Progress progress)
      throws IOException {
    Objects.requireNonNull(from, "from");
    byte[] path = Text.ofPath(directory);
    streamFlags(options);
    return Pump.read(from, fd -> NativeJNI.restore_stream(fd, options.base, path, progress));
  }

  /**
   * Changes an option of the open store, until it is closed: one that is {@link OptionInfo#changeable()}. With {@link
   * OptionName#MEMORY_BUDGET} the memory tier becomes larger or smaller, from a quarter to four times of what
   * it was opened with.
   *
   * @param name one of {@link OptionName}
   * @param value as the documentation of the option says
   * @throws IllegalArgumentException if there is no such option, or it is not hot, or cannot have this value
   *     now; nothing is changed then
   */
  public void setOption(String name, String value) {
    try {
      NativeJNI.shale_db_set_option(handle, Text.of("name", name), Text.of(name, value));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The value that an option has in this store. Sizes that were left to the library are shown as it chose
   * them.
   *
   * @param name one of {@link OptionName}
   * @return the value as text
   * @throws NoSuchElementException if there is no such option
   */
  public String option(String name) {
    String[] value = new String[1];
    try {
      ShaleException.check(NativeJNI.shale_db_option(handle, Text.of("name", name), value));
    } finally {
      Reference.reachabilityFence(this);
    }
    if (value[0] == null) {
      throw new NoSuchElementException("no option is called " + name);
    }
    return value[0];
  }

  /**
   * What a part of the store still does. A store in memory has no parts, and all of them are open.
   *
   * @param shard 0 to {@link #DISK_SHARDS} - 1
   * @return its state
   */
  public ShardState shardState(int shard) {
    long[] state = new long[1];
    try {
      NativeJNI.shale_shard_state(handle, shard, state);
    } finally {
      Reference.reachabilityFence(this);
    }
    return state[0] == Flags.SHARD_OPEN ? ShardState.OPEN : ShardState.READ_ONLY;
  }

  private static byte[] utf8(String text) { return text.getBytes(StandardCharsets.UTF_8); }
}
