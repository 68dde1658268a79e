package io.shale;

import java.lang.ref.Reference;

/** Ranges of keys as wholes, and the store as it was. */
abstract class StoreRanges extends StoreBulk {
  StoreRanges(long handle) { super(handle); }

  /**
   * Takes a snapshot: the store as it is now, over all keys at once, for reads and cursors. It first writes what
   * is pending to the index, and briefly holds up writers. May wait for the disk.
   *
   * @return a snapshot to close
   */
  public Snapshot snapshot() {
    try {
      return new Snapshot(this, NativeJNI.shale_snapshot_new(handle, 0));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Deletes all keys of a range, as one change: all of them or none, also over a crash; cursors see all of
   * them or none. It takes about as long as a batch of 64 deletes and a look at each key of the range that is
   * in memory; the rest is cleared away later. Other reads of single keys may see them go one after the other
   * until it returns. May wait for the disk.
   *
   * @param keys which; there need not be any
   */
  public void deleteRange(KeyRange keys) { deleteRange(keys, WriteOptions.DEFAULT); }

  /**
   * Deletes all keys of a range, as the options say.
   *
   * @param keys which
   * @param options {@link WriteOptions#sync()} or nothing
   */
  public void deleteRange(KeyRange keys, WriteOptions options) {
    if (options.ttlMs != Flags.TTL_DEFAULT) {
      throw new IllegalArgumentException("a delete takes no time to live");
    }
    try {
      NativeJNI.shale_delete_range(handle, keys.from, keys.to, keys.flags | options.flags);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Counts a range by a walk over the keys of one consistent cut. Keys that have expired are left out; values
   * are not read. May wait for the disk.
   *
   * @param keys which
   * @param progress is told how far it is, of a total that is an estimate until the end; may be null
   * @return how much there is
   * @throws ShaleException with code {@link StatusCode#CANCELLED} if progress asked for the end
   */
  public Extent count(KeyRange keys, Progress progress) {
    long[] keysAndBytes = new long[2];
    try {
      NativeJNI.count(handle, keys.from, keys.to, keysAndBytes, progress, keys.flags);
    } finally {
      Reference.reachabilityFence(this);
    }
    return new Extent(keysAndBytes[0], keysAndBytes[1]);
  }

  /**
   * About how much there is in a range, in milliseconds: exact for up to some 60,000 keys and in memory, off by
   * about 1 % up to some 4 million, and farther off where sizes are uneven. May wait for the disk.
   *
   * @param keys which
   * @return how much there is, about
   */
  public Extent estimate(KeyRange keys) {
    long[] keysAndBytes = new long[2];
    try {
      NativeJNI.estimate(handle, keys.from, keys.to, keysAndBytes, keys.flags);
    } finally {
      Reference.reachabilityFence(this);
    }
    return new Extent(keysAndBytes[0], keysAndBytes[1]);
  }

  /**
   * Rewrites the index where it holds a range, so that keys which were deleted or overwritten or have expired
   * take no more time and space there. A store does the same by itself; this is for after a mass of deletes.
   * Reads and writes go on meanwhile. Waits for the disk, for as long as it takes to rewrite the index.
   *
   * @param keys which
   * @param progress is told how far it is; may be null
   * @throws ShaleException with code {@link StatusCode#CANCELLED} if progress asked for the end
   */
  public void compact(KeyRange keys, Progress progress) {
    try {
      NativeJNI.compact(handle, keys.from, keys.to, progress, keys.flags);
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
