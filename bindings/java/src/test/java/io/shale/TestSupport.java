package io.shale;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;

/** What the tests of the store share: one in memory, a directory for one on disk, and bytes. */
abstract class TestSupport {
  protected Shale db;
  protected Path directory;

  @Before
  public void open() throws IOException {
    db = Shale.inMemoryBuilder().memory("32MiB").open();
    directory = Files.createTempDirectory("shale-java-test-");
  }

  @After
  public void close() throws IOException {
    db.close();
    Shale.destroy(directory);
    Files.deleteIfExists(directory);
  }

  protected Shale onDisk() { return Shale.builder(directory).memory("16MiB").open(); }

  static byte[] b(String text) { return text.getBytes(StandardCharsets.UTF_8); }

  static String s(byte[] bytes) { return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8); }

  static List<String> keys(Iterable<Entry> rows) {
    List<String> keys = new ArrayList<>();
    rows.forEach(row -> keys.add(row.keyText()));
    return keys;
  }

  static List<String> keys(Stream<Entry> rows) {
    List<String> keys = new ArrayList<>();
    rows.forEach(row -> keys.add(row.keyText()));
    return keys;
  }
}
