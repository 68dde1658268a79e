package io.shale;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Owns the native store. Closing and freeing are two steps: close() ends use, and may be called while other
 * threads are inside, for the native handle then answers each call with an error; its memory is given back
 * only when nobody can reach this object any more. So no call needs a lock or a count of users, and no order
 * of closing can go wrong.
 *
 * <p>The methods of this class and of those between it and {@link Shale} are not final, though nobody can
 * override them: so the compiler repeats them in Shale, where reflection can reach them.
 *
 * <p>Every call ends in a reachability fence: without it the garbage collector may take this object for dead
 * while a native call still uses its handle.
 */
abstract class StoreHandle implements AutoCloseable {
  static final Cleaner CLEANER = Cleaner.create(work -> {
    Thread thread = new Thread(work, "shale-cleaner");
    thread.setDaemon(true);
    return thread;
  });

  /** Stores whose memory was not given back yet, closed or not. */
  private static final AtomicInteger NOT_FREED = new AtomicInteger();

  final long handle;
  private volatile boolean closed;

  StoreHandle(long handle) {
    this.handle = handle;
    NOT_FREED.incrementAndGet();
    // `handle` is the parameter here: a reference to this object would keep it alive for ever.
    CLEANER.register(this, () -> free(handle));
  }

  private static void free(long handle) {
    NativeJNI.shale_free(handle);
    NOT_FREED.decrementAndGet();
  }

  /**
   * Asks the garbage collector for stores that nobody refers to any more: those that were not closed keep files
   * open until it finds them, and it does not know that these are scarce.
   *
   * @return false if there is nothing to find, or nothing was found in time
   */
  static boolean freeUnreachable() {
    int before = NOT_FREED.get();
    System.gc();
    for (long waitMs = 1; before > 0 && waitMs <= 512; waitMs *= 2) {
      if (NOT_FREED.get() < before) {
        return true;
      }
      try {
        Thread.sleep(waitMs);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return NOT_FREED.get() < before;
  }

  /**
   * Ends use: waits for calls that are inside, ends cursors, writes everything down and gives the lock back.
   * Safe while other threads use the store: their next call throws {@link ClosedException}. A second time it
   * does nothing. May wait for the disk.
   *
   * <p>Files and most memory of the store go back to the system here, the rest when the garbage collector has
   * found that nobody refers to it any more.
   *
   * @throws ShaleException the first error met; the store is closed all the same
   */
  @Override
  public void close() {
    closed = true;
    try {
      NativeJNI.shale_close(handle);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Whether {@link #close()} was called.
   *
   * @return true from the moment when closing began
   */
  public boolean isClosed() { return closed; }

  final void checkOpen() {
    if (closed) {
      throw new ClosedException("the database is closed");
    }
  }
}
