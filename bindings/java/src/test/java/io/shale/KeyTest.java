package io.shale;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Test;

/** Stores with a key: opened, verified, salvaged and rewritten. */
public class KeyTest extends TestSupport {
  private static final byte[] KEY1 = key(1);
  private static final byte[] KEY2 = key(2);
  private static final String SECRET = "nobody is to read this";

  private static byte[] key(int fill) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) fill);
    return key;
  }

  private Path at(String name) { return directory.resolve(name); }

  private ShaleBuilder store(String name) { return Shale.builder(at(name)).memory("16MiB"); }

  @After
  public void clear() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      files.forEach(Shale::destroy);
    }
  }

  private boolean holds(String name) throws IOException {
    try (Stream<Path> files = Files.walk(at(name))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(SECRET)) {
          return true;
        }
      }
    }
    return false;
  }

  private static void assertCode(int code, org.junit.function.ThrowingRunnable call) {
    assertEquals(code, assertThrows(ShaleException.class, call).code());
  }

  @Test
  public void aStoreWithAKey() throws IOException {
    byte[] wiped = KEY1.clone();
    try (Shale one = store("1").key(wiped).open()) {
      Arrays.fill(wiped, (byte) 0);
      one.put("k", SECRET);
      one.flush();
    }
    assertFalse(holds("1"));
    assertCode(StatusCode.E_INCOMPATIBLE, () -> store("1").open());
    assertCode(StatusCode.E_INCOMPATIBLE, () -> store("1").key(KEY2).open());
    VerifyReport without = Shale.verify(at("1"), null);
    assertTrue(without.json(), without.problems() == 0 && without.json().contains("\"values_checked\":false"));
    VerifyReport with = store("1").key(KEY1).verify((done, total) -> done <= total);
    assertTrue(with.json(), with.problems() == 0 && with.json().contains("\"values_checked\":true"));
    assertCode(StatusCode.E_INCOMPATIBLE, () -> store("1").key(KEY2).verify(null));

    int[] calls = new int[1];
    assertEquals(1, store("2").key(KEY2).rewriteFrom(at("1"), KEY1, (done, total) -> ++calls[0] > 0));
    assertTrue(calls[0] > 0);
    assertEquals(1, store("3").salvageFrom(at("2"), KEY2, null).recovered());
    try (Shale two = store("2").key(KEY2).open(); Shale three = store("3").open()) {
      assertEquals(SECRET, two.get("k"));
      assertEquals(SECRET, three.get("k"));
    }
    assertTrue(!holds("2") && holds("3"));

    assertCode(StatusCode.E_INCOMPATIBLE, () -> store("none").rewriteFrom(at("1"), null, null));
    assertCode(StatusCode.E_INCOMPATIBLE, () -> store("none").salvageFrom(at("1"), KEY2, null));
    assertCode(StatusCode.CANCELLED, () -> store("none").rewriteFrom(at("1"), KEY1, (done, total) -> false));
    assertCode(StatusCode.EXISTS, () -> store("2").rewriteFrom(at("1"), KEY1, null));
    assertThrows(NoStoreException.class, () -> store("none").rewriteFrom(at("nowhere"), null, null));
    assertThrows(NullPointerException.class, () -> store("none").rewriteFrom(null, null, null));
    assertFalse(Files.exists(at("none")));
  }

  @Test
  public void keysThatAreNone() {
    for (int length : new int[] {0, 1, 31, 33, 64, 100}) {
      byte[] wrong = new byte[length];
      assertThrows(IllegalArgumentException.class, () -> store("none").key(wrong).open());
      assertThrows(IllegalArgumentException.class, () -> store("none").key(wrong).verify(null));
      assertThrows(IllegalArgumentException.class, () -> store("none").rewriteFrom(directory, wrong, null));
      assertThrows(IllegalArgumentException.class, () -> store("none").salvageFrom(directory, wrong, null));
    }
    assertFalse(Files.exists(at("none")));
    try (Shale open = store("1").key(KEY1).key(null).open()) {
      open.put("k", "v");
    }
    try (Shale open = store("1").open()) {
      assertEquals("v", open.get("k"));
    }
  }
}
