package io.shale;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.Test;

/** Options of an open store, figures for an exporter, removals, reclaim, verify and salvage. */
public class ToolsTest extends TestSupport {
  @Test
  public void anOptionOfAnOpenStore() {
    db.setOption(OptionName.MEMORY_BUDGET, "24MiB");
    assertEquals("24MiB", db.option(OptionName.MEMORY_BUDGET));
    assertThrows(IllegalArgumentException.class, () -> db.setOption(OptionName.MEMORY_BUDGET, "1KiB"));
    assertThrows(IllegalArgumentException.class, () -> db.setOption(OptionName.DURABILITY, "disk"));
    assertThrows(IllegalArgumentException.class, () -> db.setOption("nothing", "1"));
  }

  @Test
  public void figuresForPrometheus() {
    db.put("k", "v");
    assertTrue(db.prometheus(), db.prometheus().contains("\nshale_cache_items 1\n"));
  }

  @Test
  public void removalsAreToldOnce() throws InterruptedException {
    assertThrows(IllegalArgumentException.class, () -> db.pollRemovals());
    try (Shale told = Shale.inMemoryBuilder().memory("512MiB").option(OptionName.EVENTS_BYTES, 64 << 20).open()) {
      byte[] wide = new byte[Shale.KEY_BYTES_MAX];
      long first = told.putVersioned(wide, b("1"), WriteOptions.DEFAULT);
      long second = told.putVersioned(wide, b("2"), WriteOptions.DEFAULT);
      told.delete(wide);
      told.put(b("brief"), b("v"), Duration.ofMillis(1));
      Map<Removals.Reason, Removals.Removal> seen = new EnumMap<>(Removals.Reason.class);
      for (int i = 0; i < 1000 && seen.size() < 3; i++) {
        Removals some = told.pollRemovals();
        some.list().forEach(one -> seen.put(one.reason(), one));
        assertEquals(0, some.dropped());
        Thread.sleep(5);
      }
      assertEquals(first, seen.get(Removals.Reason.OVERWRITTEN).version());
      assertEquals(second, seen.get(Removals.Reason.DELETED).version());
      assertArrayEquals(wide, seen.get(Removals.Reason.DELETED).key());
      assertArrayEquals(b("brief"), seen.get(Removals.Reason.EXPIRED).key());
      assertTrue(told.pollRemovals().list().isEmpty());
    }
  }

  @Test
  public void reclaimTellsHowFarItIs() {
    db.reclaim(null);
    try (Shale disk = onDisk()) {
      for (int i = 0; i < 100; i++) {
        disk.put(b("k" + i % 10), new byte[100_000]);
      }
      disk.flush();
      int[] calls = new int[1];
      disk.reclaim((done, total) -> {
        calls[0]++;
        return done >= 0 && done <= total && disk.get(b("k1")) != null;
      });
      assertTrue(calls[0] > 0);
      ShaleException ended = assertThrows(ShaleException.class, () -> disk.reclaim((done, total) -> false));
      assertEquals(StatusCode.CANCELLED, ended.code());
      IllegalStateException mine = new IllegalStateException("mine");
      assertEquals(mine, assertThrows(IllegalStateException.class, () -> disk.reclaim((done, total) -> {
        throw mine;
      })));
    }
  }

  @Test
  public void verifyAndSalvage() throws IOException {
    Path saved = directory.resolveSibling(directory.getFileName() + ".saved");
    assertThrows(NoStoreException.class, () -> Shale.verify(directory, null));
    try (Shale disk = onDisk()) {
      for (int i = 0; i < 1000; i++) {
        disk.put(b("k" + i), b("value " + i));
      }
      assertThrows(LockedException.class, () -> Shale.verify(directory, null));
    }
    int[] calls = new int[1];
    VerifyReport good = Shale.verify(directory, (done, total) -> ++calls[0] > 0);
    assertEquals(0, good.problems());
    assertTrue(good.json(), good.json().contains("\"keys\":1000") && calls[0] > 0);
    assertEquals(StatusCode.CANCELLED,
        assertThrows(ShaleException.class, () -> Shale.verify(directory, (done, total) -> false)).code());

    damageOneTable();
    VerifyReport bad = Shale.verify(directory, null);
    assertTrue(bad.json(), bad.problems() > 0 && bad.json().contains("\"problems\""));
    SalvageReport report = Shale.salvage(directory, saved, (done, total) -> true);
    assertTrue(report.json(), report.recovered() + report.dropped() >= 900);
    try (Shale again = Shale.open(saved)) {
      assertEquals("value 999", s(again.get(b("k999"))));
    }
    assertEquals(StatusCode.EXISTS,
        assertThrows(ShaleException.class, () -> Shale.salvage(directory, saved, null)).code());
    assertTrue(Shale.destroy(saved));
  }

  private void damageOneTable() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      Path table = files.filter(file -> file.toString().endsWith(".ldb")).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(table);
      bytes[10] ^= 0x55;
      Files.write(table, bytes);
    }
  }
}
