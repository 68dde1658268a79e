package io.shale;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Finds the native library: the file that the system property shale.native.path names; else one that the
 * system has installed; else the one inside this jar, copied to a file of its own. Many systems forbid
 * programs in /tmp, so that the property shale.tmpdir can name another directory for the copy.
 */
final class NativeLoader {
  private static final String NAME = "shalejni";

  private NativeLoader() {}

  static void load() {
    String path = System.getProperty("shale.native.path");
    if (path != null) {
      System.load(Path.of(path).toAbsolutePath().toString());
      return;
    }
    try {
      System.loadLibrary(NAME);
    } catch (UnsatisfiedLinkError notInstalled) {
      loadFromJar(notInstalled);
    }
  }

  private static void loadFromJar(UnsatisfiedLinkError notInstalled) {
    String resource = "/META-INF/native/" + platform() + "/lib" + NAME + ".so";
    try (InputStream library = NativeLoader.class.getResourceAsStream(resource)) {
      if (library == null) {
        UnsatisfiedLinkError error = new UnsatisfiedLinkError(
            "no " + resource + " in the jar, and no installed library; " + PROPERTY_HINT);
        error.addSuppressed(notInstalled);
        throw error;
      }
      String directory = System.getProperty("shale.tmpdir");
      // A new name each time: a file that another process has mapped must not change.
      Path copy = directory != null ? Files.createTempFile(Path.of(directory), "lib" + NAME + "-", ".so")
                                    : Files.createTempFile("lib" + NAME + "-", ".so");
      try {
        Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
        System.load(copy.toAbsolutePath().toString());
      } finally {
        Files.deleteIfExists(copy);   // the mapping stays
      }
    } catch (IOException e) {
      throw new UncheckedIOException("copy of " + resource + ": " + e.getMessage() + "; " + PROPERTY_HINT, e);
    }
  }

  private static final String PROPERTY_HINT =
      "set -Dshale.tmpdir to a directory or -Dshale.native.path to the file";

  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    if (arch.equals("amd64")) {
      arch = "x86_64";
    }
    return (os.startsWith("linux") ? "linux" : os.replace(' ', '-')) + "-" + arch;
  }
}
