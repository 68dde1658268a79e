package io.shale;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a backup or a restore has moved.
 *
 * @param files number of files
 * @param bytes all of them
 * @param writtenBytes of these, copied or sent
 * @param linkedBytes of these, shared with the store
 * @param sameBytes of these, shared with the earlier backup, or only named
 * @param json the whole report, a JSON object
 */
public record BackupReport(
    long files, long bytes, long writtenBytes, long linkedBytes, long sameBytes, String json) {

  static BackupReport of(byte[] utf8) {
    String json = new String(utf8, StandardCharsets.UTF_8);
    return new BackupReport(number(json, "files"), number(json, "bytes"), number(json, "written_bytes"),
        number(json, "linked_bytes"), number(json, "same_bytes"), json);
  }

  private static long number(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
    if (!found.find()) {
      throw new ShaleException(StatusCode.E_INTERNAL, "the report has no " + name + ": " + json, 0, -1);
    }
    return Long.parseLong(found.group(1));
  }
}
