package io.shale;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Verbs of the conformance suite on backups. They leave nothing behind. */
final class ConformanceBackups {
  private ConformanceBackups() {}

  /** Null: it is another operation. */
  static ConformanceStore.Outcome perform(ConformanceArgs args, Shale db, Path directory) {
    switch (args.verb) {
      case "backup":
        return keysOf(backup(db, directory));
      case "backup-stream":
        return keysOf(throughStream(db, directory));
      default:
        return null;
    }
  }

  /** In memory there is no directory, and the call is refused before it is looked at. */
  private static Path beside(Path directory, String name) {
    return Path.of((directory != null ? directory : Path.of("/nowhere")) + "." + name);
  }

  private static Path backup(Shale db, Path directory) {
    Path first = beside(directory, "first");
    Path second = beside(directory, "second");
    Path back = beside(directory, "back");
    int[] calls = new int[1];
    BackupReport report =
        db.backup(first, BackupOptions.DEFAULT, (done, total) -> ++calls[0] > 0 && done <= total);
    db.backup(second, BackupOptions.DEFAULT.base(first).copyFiles(), null);
    Shale.restore(second, back, null);
    if (calls[0] == 0 || report.files() == 0 || !Shale.destroy(first) || !Shale.destroy(second)) {
      throw new IllegalStateException(calls[0] + " calls, report " + report);
    }
    return back;
  }

  private static Path throughStream(Shale db, Path directory) {
    Path back = beside(directory, "back");
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    try {
      db.backup(stream, BackupOptions.DEFAULT, null);
      Shale.restore(new ByteArrayInputStream(stream.toByteArray()), back, BackupOptions.DEFAULT, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return back;
  }

  /** How many keys the store there has, which is removed then. */
  private static ConformanceStore.Outcome keysOf(Path store) {
    try (Shale db = Shale.builder(store).memory("16MiB").open()) {
      return new ConformanceStore.Outcome().with(db.count(KeyRange.all(), null).keys());
    } finally {
      Shale.destroy(store);
    }
  }
}
