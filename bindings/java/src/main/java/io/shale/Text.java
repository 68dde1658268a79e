package io.shale;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Text on its way to C, where a zero byte would end it early and silently. */
final class Text {
  private static final Charset FILE_NAMES = fileNames();

  private Text() {}

  static byte[] of(String what, String text) { return checked(what, text.getBytes(StandardCharsets.UTF_8)); }

  /**
   * In the encoding that the Java library itself uses for file names, so that both mean the same directory.
   */
  static byte[] ofPath(Path path) {
    String text = path.toString();
    return checked("path", (text.isEmpty() ? "." : text).getBytes(FILE_NAMES));
  }

  private static byte[] checked(String what, byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        throw new IllegalArgumentException(what + " holds a zero byte");
      }
    }
    return bytes;
  }

  private static Charset fileNames() {
    String name = System.getProperty("sun.jnu.encoding");
    return name != null && Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
  }
}
