package io.shale;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * A store as it was at one moment, over all keys at once, for any number of reads and cursors on any number of
 * threads. What changes later is not seen; keys that expire are gone from that moment on here too.
 *
 * <pre>{@code
 * try (Snapshot snapshot = db.snapshot()) {
 *   byte[] was = snapshot.get(key);
 *   try (Cursor rows = snapshot.scan(Scan.all())) { ... }
 * }
 * }</pre>
 *
 * <p>While it is held, the disk space of what it can still read is not given back: hold it as long as it is
 * needed, no longer. Of a store in memory it is a copy of all keys and values. The memory tier is not asked and
 * not filled; every read may wait for the disk. After its store is closed, reads throw {@link ClosedException}.
 * A snapshot that is not closed is given back when the garbage collector finds it.
 */
public final class Snapshot implements AutoCloseable {
  private final StoreHandle store;
  private final Cleaner.Cleanable cleanable;

  /** Reads share it, closing waits for them: the native snapshot is freed only when nobody reads from it. */
  private final ReentrantReadWriteLock inside = new ReentrantReadWriteLock();

  /** 0 when closed. */
  private long handle;

  Snapshot(StoreHandle store, long handle) {
    this.store = store;
    this.handle = handle;
    // `handle` is the parameter here: a reference to this snapshot would keep it alive for ever.
    this.cleanable = StoreHandle.CLEANER.register(this, () -> NativeJNI.shale_snapshot_free(handle));
  }

  /**
   * The value that a key had.
   *
   * @param key 1 to 65,535 bytes
   * @return a copy that belongs to the caller, null if there was no such key
   */
  public byte[] get(byte[] key) {
    Objects.requireNonNull(key, "key");
    return call(snapshot -> NativeJNI.snapshot_get(snapshot, key, null));
  }

  /**
   * The value and the version that a key had.
   *
   * @param key 1 to 65,535 bytes
   * @return both; empty if there was no such key
   */
  public Optional<Versioned> getVersioned(byte[] key) {
    Objects.requireNonNull(key, "key");
    long[] version = new long[1];
    byte[] value = call(snapshot -> NativeJNI.snapshot_get(snapshot, key, version));
    return value != null ? Optional.of(new Versioned(value, version[0])) : Optional.empty();
  }

  /**
   * Whether there was such a key.
   *
   * @param key 1 to 65,535 bytes
   * @return true if there was
   */
  public boolean containsKey(byte[] key) { return get(key) != null; }

  /**
   * The values that many keys had.
   *
   * @param keys each 1 to 65,535 bytes
   * @return the values in the order of the keys; null where there was no such key. The list is modifiable, of
   *     the caller
   */
  public List<byte[]> getAll(Collection<byte[]> keys) {
    byte[][] array = keys.toArray(new byte[0][]);
    byte[] packed = StoreBulk.pack(array);
    return call(snapshot -> {
      List<byte[]> values = new ArrayList<>(array.length);
      long[] leaseAndStatus = new long[2];
      long results = NativeJNI.snapshot_multi_get(snapshot, packed, array.length);
      try {
        for (int i = 0; i < array.length; i++) {
          values.add(NativeJNI.results_at(results, i, leaseAndStatus));
          ShaleException.check((int) leaseAndStatus[1]);
        }
      } finally {
        NativeJNI.shale_results_free(results);
      }
      return values;
    });
  }

  /**
   * Rows as a scan says. The cursor may outlive the snapshot, and keeps what it held.
   *
   * @param scan which rows, in which order
   * @return a cursor to close
   */
  public Cursor scan(Scan scan) {
    return call(snapshot -> {
      long iter = scan.prefix != null
          ? NativeJNI.shale_snapshot_prefix(snapshot, scan.prefix, scan.limit, scan.flags)
          : NativeJNI.shale_snapshot_iter(snapshot, scan.from, scan.to, scan.limit, scan.flags);
      return new Cursor(store, iter, scan.keysOnlyIsSet(), scan.resumable);
    });
  }

  /**
   * Rows as a stream, to be used in a try block: closing it closes the cursor below.
   *
   * @param scan which rows, in which order
   * @return a sequential stream in that order
   */
  public Stream<Entry> stream(Scan scan) { return scan(scan).stream(); }

  /**
   * Goes on where any cursor stood: same bounds, same order, what is left of its limit; the rows are those of
   * the snapshot.
   *
   * @param token from {@link Cursor#token()}
   * @return a cursor to close, that has tokens too
   * @throws IllegalArgumentException if that is no token
   */
  public Cursor resume(byte[] token) {
    Objects.requireNonNull(token, "token");
    return call(
        snapshot -> new Cursor(store, NativeJNI.shale_snapshot_resume(snapshot, token), false, true));
  }

  /**
   * Gives the snapshot back, after the reads that are under way; its cursors go on. A second time it does
   * nothing; later calls throw {@link ClosedException}.
   */
  @Override
  public void close() {
    Lock alone = inside.writeLock();
    alone.lock();
    try {
      handle = 0;
      cleanable.clean();
    } finally {
      alone.unlock();
    }
  }

  private <R> R call(LongFunction<R> read) {
    Lock shared = inside.readLock();
    shared.lock();
    try {
      if (handle == 0) {
        throw new ClosedException("the snapshot is closed");
      }
      return read.apply(handle);
    } finally {
      shared.unlock();
      Reference.reachabilityFence(this);
    }
  }
}
