package io.shale;

import java.nio.file.Path;
import java.util.Objects;

/**
 * How one backup is made. Immutable; each method returns another set.
 *
 * <pre>{@code
 * db.backup(today, BackupOptions.DEFAULT.base(yesterday), null);
 * }</pre>
 */
public final class BackupOptions {
  /** All of the store; a directory shares files with it where it can. */
  public static final BackupOptions DEFAULT = new BackupOptions(0, null);

  final int flags;

  /** Null: none. */
  final byte[] base;

  private BackupOptions(int flags, byte[] base) {
    this.flags = flags;
    this.base = base;
  }

  /**
   * An earlier backup of the same store: what is the same there is not written again. A directory shares such
   * files; a stream only names them, and needs the same base to be restored.
   *
   * @param directory where the earlier backup is
   * @return these options with that one
   */
  public BackupOptions base(Path directory) {
    return new BackupOptions(flags, Text.ofPath(Objects.requireNonNull(directory, "directory")));
  }

  /**
   * Shares no files with the store: for another disk, or to be changed. Only for backups to a directory.
   *
   * @return these options and that one
   */
  public BackupOptions copyFiles() { return new BackupOptions(flags | Flags.COPY_FILES, base); }
}
