package io.shale;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Backups to directories and streams, incremental ones, and what is made of them. */
public class BackupTest extends TestSupport {
  private static final BackupOptions PLAIN = BackupOptions.DEFAULT;
  private static final IOException BROKEN = new IOException("broken");
  private Shale disk;

  @Before
  public void fill() {
    disk = Shale.builder(at("store")).memory("16MiB").open();
    for (int i = 0; i < 2000; i++) {
      disk.put("key" + i, "value " + i);
    }
  }

  @After
  public void clear() throws IOException {
    disk.close();
    try (var files = Files.list(directory)) {
      for (Path one : files.toList()) {
        if (!Files.isDirectory(one) || !Shale.destroy(one)) {
          Files.delete(one);
        }
      }
    }
  }

  private Path at(String name) { return directory.resolve(name); }

  private static int codeOf(org.junit.function.ThrowingRunnable call) {
    return assertThrows(ShaleException.class, call).code();
  }

  private static void assertRows(long rows, Path store) {
    try (Shale opened = Shale.builder(store).memory("16MiB").open()) {
      assertEquals(rows, opened.count(KeyRange.all(), null).keys());
    }
  }

  @Test
  public void backupsToDirectories() {
    int[] calls = new int[1];
    BackupReport full = disk.backup(at("full"), PLAIN, (done, total) -> ++calls[0] > 0 && done <= total);
    assertTrue(full.json(), full.files() > 0 && full.bytes() > 0 && calls[0] > 0);
    assertEquals(full.bytes(), full.writtenBytes() + full.linkedBytes() + full.sameBytes());
    disk.put("more", "");
    BackupReport next = disk.backup(at("next"), PLAIN.base(at("full")).copyFiles(), null);
    assertTrue(next.json(), next.linkedBytes() == 0 && next.sameBytes() > 0);
    assertEquals(next.bytes(), Shale.restore(at("next"), at("back"), (done, total) -> done <= total).bytes());
    assertRows(2000, at("full"));
    assertRows(2001, at("back"));
  }

  @Test
  public void whatBackupsRefuse() {
    disk.backup(at("full"), PLAIN, null);
    assertEquals(StatusCode.EXISTS, codeOf(() -> disk.backup(at("full"), PLAIN, null)));
    assertEquals(StatusCode.CANCELLED, codeOf(() -> disk.backup(at("none"), PLAIN, (done, total) -> false)));
    assertEquals(
        StatusCode.CANCELLED, codeOf(() -> Shale.restore(at("full"), at("none"), (done, total) -> false)));
    assertThrows(NoStoreException.class, () -> disk.backup(at("none"), PLAIN.base(directory), null));
    assertThrows(NoStoreException.class, () -> Shale.restore(directory, at("none"), null));
    assertThrows(IllegalArgumentException.class, () -> db.backup(at("none"), PLAIN, null));
    assertThrows(NullPointerException.class, () -> disk.backup((Path) null, PLAIN, null));
    assertThrows(NullPointerException.class, () -> PLAIN.base(null));
    assertThrows(IllegalArgumentException.class,
        () -> disk.backup(OutputStream.nullOutputStream(), PLAIN.copyFiles(), null));
    IllegalStateException mine = new IllegalStateException("mine");
    assertSame(mine, assertThrows(IllegalStateException.class, () -> disk.backup(at("none"), PLAIN, (d, t) -> {
      throw mine;
    })));
    assertFalse(Files.exists(at("none")));
    disk.close();
    assertThrows(ClosedException.class, () -> disk.backup(at("none"), PLAIN, null));
    assertThrows(ClosedException.class, () -> disk.backup(OutputStream.nullOutputStream(), PLAIN, null));
  }

  @Test
  public void backupsToStreams() throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    BackupReport sent = disk.backup(stream, PLAIN, (done, total) -> done <= total);
    assertTrue(sent.json(), sent.bytes() == sent.writtenBytes() && stream.size() > sent.bytes());
    byte[] bytes = stream.toByteArray();
    Shale.restore(new ByteArrayInputStream(bytes), at("first"), PLAIN, (done, total) -> done == total);

    disk.put("more", "");
    disk.flush();
    ByteArrayOutputStream next = new ByteArrayOutputStream();
    BackupOptions onFirst = PLAIN.base(at("first"));
    assertTrue(disk.backup(next, onFirst, null).sameBytes() > 0);
    byte[] more = next.toByteArray();
    assertThrows(IllegalArgumentException.class,
        () -> Shale.restore(new ByteArrayInputStream(more), at("second"), PLAIN, null));
    Shale.restore(new ByteArrayInputStream(more), at("second"), onFirst, null);
    assertRows(2000, at("first"));
    assertRows(2001, at("second"));

    InputStream cut = new ByteArrayInputStream(Arrays.copyOf(bytes, bytes.length - 1));
    assertThrows(CorruptionException.class, () -> Shale.restore(cut, at("none"), PLAIN, null));
    InputStream continued =
        new SequenceInputStream(new ByteArrayInputStream(bytes), new ByteArrayInputStream(new byte[1 << 20]));
    assertThrows(CorruptionException.class, () -> Shale.restore(continued, at("none"), PLAIN, null));
    assertFalse(Files.exists(at("none")));
  }

  /** Breaks after some bytes. */
  private static final class Broken extends OutputStream {
    private int left;

    Broken(int left) { this.left = left; }

    @Override
    public void write(int b) throws IOException {
      write(new byte[1], 0, 1);
    }

    @Override
    public void write(byte[] bytes, int at, int count) throws IOException {
      left -= count;
      if (left < 0) {
        throw BROKEN;
      }
    }

    InputStream toRead() {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          if (left-- > 0) {
            return 'S';
          }
          throw BROKEN;
        }

        @Override
        public int read(byte[] to, int at, int count) throws IOException {
          to[at] = (byte) read();
          return 1;
        }
      };
    }
  }

  @Test
  public void streamsThatBreak() {
    for (int left : new int[] {0, 100_000}) {
      assertSame(BROKEN, assertThrows(IOException.class, () -> disk.backup(new Broken(left), PLAIN, null)));
    }
    for (int left : new int[] {0, 3}) {
      assertSame(BROKEN,
          assertThrows(IOException.class, () -> Shale.restore(new Broken(left).toRead(), at("none"), PLAIN, null)));
    }
    OutputStream nothing = OutputStream.nullOutputStream();
    assertEquals(StatusCode.CANCELLED, codeOf(() -> disk.backup(nothing, PLAIN, (done, total) -> false)));
    IllegalStateException mine = new IllegalStateException("mine");
    assertSame(mine, assertThrows(IllegalStateException.class, () -> disk.backup(nothing, PLAIN, (d, t) -> {
      throw mine;
    })));
    assertThrows(NullPointerException.class, () -> disk.backup((OutputStream) null, PLAIN, null));
    assertThrows(NullPointerException.class, () -> Shale.restore((InputStream) null, at("none"), PLAIN, null));
    assertFalse(Files.exists(at("none")));
  }
}
