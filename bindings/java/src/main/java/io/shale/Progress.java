package io.shale;

/** Is told how far long work has come, on the thread that does it. An exception ends the work and goes on. */
@FunctionalInterface
public interface Progress {
  /**
   * Called between pieces of work, without a lock: it may use the store.
   *
   * @param done bytes that are done, 0 to total
   * @param total bytes to do, as far as is known
   * @return false ends the work: the call throws a {@link ShaleException} with code {@link
   *     StatusCode#CANCELLED}
   */
  boolean at(long done, long total);
}
