package io.shale;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Objects;

/** Backups of the open store. */
abstract class StoreBackups extends StoreRanges {
  StoreBackups(long handle) { super(handle); }

  /**
   * Makes a backup of the open store in a new directory, while reads and writes go on: one consistent cut, with
   * every write in it that was acknowledged before the call. The directory is a store, and can be opened. Files that
   * never change again are hard links where that can be. It appears when it is complete and durable. Waits for the
   * disk.
   *
   * @param directory where the backup will be; nothing may be there yet
   * @param options how to make it
   * @param progress is told how far it is; may be null
   * @return what was moved
   * @throws ShaleException if it cannot be done; with code {@link StatusCode#EXISTS} if something is there, with
   *     {@link StatusCode#CANCELLED} if progress asked for the end, with {@link StatusCode#E_NO_STORE} or {@link
   *     StatusCode#E_INCOMPATIBLE} if the base is no backup of this store
   * @throws IllegalArgumentException if the store is in memory
   */
  public BackupReport backup(Path directory, BackupOptions options, Progress progress) {
    try {
      return BackupReport.of(
          NativeJNI.backup(handle, Text.ofPath(directory), options.base, progress, options.flags));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Writes a backup as one stream, for {@link Shale#restore(InputStream, Path, BackupOptions, Progress)}; else as
   * {@link #backup(Path, BackupOptions, Progress)}. After an exception what was written is no backup, and a restore
   * says so. The stream is used on the thread of the caller, and is not closed.
   *
   * @param to gets the backup
   * @param options how to make it: {@link BackupOptions#base} or nothing
   * @param progress is told how far it is, on another thread; may be null
   * @return what was moved
   * @throws IOException from the stream
   */
  public BackupReport backup(OutputStream to, BackupOptions options, Progress progress) throws IOException {
    Objects.requireNonNull(to, "to");
    int flags = streamFlags(options);
    try {
      return Pump.write(to, fd -> NativeJNI.backup_stream(handle, fd, options.base, progress, flags));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  static int streamFlags(BackupOptions options) {
    if (options.flags != 0) {
      throw new IllegalArgumentException("a stream takes no option but a base");
    }
    return options.flags;
  }
}
