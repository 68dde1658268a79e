package io.shale;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Rows in key order. It is walked once, by one loop or stream, and closed:
 *
 * <pre>{@code
 * try (Cursor rows = db.prefix(key)) {
 *   for (Entry row : rows) {
 *     System.out.println(row.keyText());
 *   }
 * }
 * }</pre>
 *
 * <p>With a store on disk the rows are those of the moment when the cursor was made. With a store in memory
 * the keys are; each value is read when its row is fetched, and rows are fetched some ahead. Keys that expire
 * are left out.
 *
 * <p>Closing the store ends its cursors: the next call throws {@link ClosedException}. A cursor may be closed
 * after its store, and by another thread than the one that walks it. A cursor that is not closed is given
 * back when the garbage collector finds it. Fetching may wait for the disk.
 */
public final class Cursor implements Iterator<Entry>, Iterable<Entry>, AutoCloseable {
  private static final byte[] EMPTY = {};

  private final StoreHandle store;
  private final boolean keysOnly;
  private final boolean resumable;
  private final Cleaner.Cleanable cleanable;

  /** 0 when closed. */
  private long handle;

  /** Rows that were fetched and not yet returned, from `at` on; null before the first and after the last. */
  private byte[] chunk;

  private int at;

  /** The row that hasNext found, in a resumable cursor. */
  private Entry ahead;

  /** The place before that row: a look ahead does not move the cursor. */
  private byte[] tokenBeforeAhead;

  private boolean ended;

  Cursor(StoreHandle store, long handle, boolean keysOnly, boolean resumable) {
    this.store = store;
    this.handle = handle;
    this.keysOnly = keysOnly;
    this.resumable = resumable;
    // `handle` is the parameter here: a reference to this cursor would keep it alive for ever.
    this.cleanable = StoreHandle.CLEANER.register(this, () -> NativeJNI.shale_iter_free(handle));
  }

  /**
   * Whether there is another row. May wait for the disk.
   *
   * @throws ClosedException if this cursor or its store was closed
   */
  @Override
  public synchronized boolean hasNext() {
    checkOpen();
    if (ended) {
      return false;
    }
    if (resumable) {
      if (ahead == null) {
        tokenBeforeAhead = nativeToken();
        ahead = fetchRow();
      }
      ended = ahead == null;
    } else if (chunk == null || at == chunk.length) {
      chunk = fetchChunk();
      at = 0;
      ended = chunk == null;
    }
    return !ended;
  }

  /**
   * The next row. May wait for the disk.
   *
   * @return a copy that belongs to the caller
   * @throws NoSuchElementException if there is none
   * @throws ClosedException if this cursor or its store was closed
   */
  @Override
  public synchronized Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the cursor is past its last row");
    }
    if (resumable) {
      Entry row = ahead;
      ahead = null;
      return row;
    }
    byte[] key = unpack();
    return new Entry(key, keysOnly ? EMPTY : unpack());
  }

  /**
   * Where this cursor stands, for {@link Shale#resume}: in this process or another, also after the store was
   * reopened. It contains the last key.
   *
   * @return bytes that belong to the caller
   * @throws IllegalStateException if the scan was not {@link Scan#resumable()}
   * @throws ClosedException if this cursor or its store was closed
   */
  public synchronized byte[] token() {
    checkOpen();
    if (!resumable) {
      throw new IllegalStateException("only a cursor of a scan that is resumable() has a token");
    }
    return ahead != null ? tokenBeforeAhead.clone() : nativeToken();
  }

  /** This cursor itself: its rows can be walked only once. */
  @Override
  public Iterator<Entry> iterator() {
    return this;
  }

  /**
   * The rows that are left, as a stream that closes this cursor when it is closed.
   *
   * @return a sequential stream in key order
   */
  public Stream<Entry> stream() {
    int features = Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT | Spliterator.IMMUTABLE;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, features), false)
        .onClose(this::close);
  }

  /** Gives the cursor back. A second time it does nothing; later calls throw {@link ClosedException}. */
  @Override
  public synchronized void close() {
    handle = 0;
    chunk = null;
    ahead = null;
    cleanable.clean();
  }

  private void checkOpen() {
    if (handle == 0) {
      throw new ClosedException("the cursor is closed");
    }
    store.checkOpen();   // rows that were fetched before end with the store too
  }

  private byte[] nativeToken() {
    try {
      return NativeJNI.shale_iter_token(handle);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private byte[] fetchChunk() {
    try {
      return NativeJNI.shale_iter_next_packed(handle);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private Entry fetchRow() {
    byte[][] row = new byte[2][];
    try {
      if (NativeJNI.shale_iter_next(handle, row) == StatusCode.END) {
        return null;
      }
    } finally {
      Reference.reachabilityFence(this);
    }
    return new Entry(row[0], row[1] != null ? row[1] : EMPTY);
  }

  private byte[] unpack() {
    int start = at + Integer.BYTES;
    int end = start + Packer.intAt(chunk, at);
    at = end;
    return Arrays.copyOfRange(chunk, start, end);
  }
}
