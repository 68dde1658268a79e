package io.shale;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.Test;

/** Opening with options, errors and their types, what a store and the library say about themselves. */
public class StoreTest extends TestSupport {
  @Test
  public void aStoreOutlivesItsObject() {
    try (Shale disk = Shale.open(directory)) {
      disk.put("a", "1");
    }
    try (Shale disk = Shale.open(directory)) {
      assertEquals("1", disk.get("a"));
    }
    assertTrue(Shale.destroy(directory));
    assertFalse(Shale.destroy(directory));
  }

  @Test
  public void typedOptionsArriveInTheStore() {
    ShaleBuilder builder = Shale.builder(directory)
                               .memory(20L << 20)
                               .durability(Durability.within(Duration.ofSeconds(10)))
                               .cachePolicy(CachePolicy.LRU)
                               .createIfMissing(true)
                               .errorIfExists(false)
                               .defaultTtl(Duration.ofSeconds(9))
                               .backgroundThreads(2)
                               .maxOpenFiles(0)
                               .option(OptionName.VALUE_INLINE_MAX, "1KiB")
                               .option(OptionName.CACHE_SHARDS, 64);
    try (Shale disk = builder.open()) {
      assertEquals("20MiB", disk.option(OptionName.MEMORY_BUDGET));
      assertEquals("interval:10000", disk.option(OptionName.DURABILITY));
      assertEquals("lru", disk.option(OptionName.CACHE_POLICY));
      assertEquals("9000", disk.option(OptionName.TTL_DEFAULT_MS));
      assertEquals("2", disk.option(OptionName.BACKGROUND_THREADS));
      assertEquals("1KiB", disk.option(OptionName.VALUE_INLINE_MAX));
      assertEquals("64", disk.option(OptionName.CACHE_SHARDS));
      assertThrows(NoSuchElementException.class, () -> disk.option("no.such"));
    }
    assertEquals("os", Durability.OS.toString());
    try (Shale safe = Shale.builder(directory).memory("16MiB").durability(Durability.DISK).open()) {
      safe.put("a", "1");
    }
  }

  @Test
  public void badOptionsAreNamed() {
    IllegalArgumentException range =
        assertThrows(IllegalArgumentException.class, () -> Shale.inMemoryBuilder().memory(1).open());
    assertTrue(range.getMessage(), range.getMessage().contains("memory.budget"));
    assertThrows(IllegalArgumentException.class, () -> Shale.inMemoryBuilder().option("no.such", "1").open());
    assertThrows(
        IllegalArgumentException.class, () -> Shale.inMemoryBuilder().option("memory.budget", "16MiB\0"));
    assertThrows(IllegalArgumentException.class, () -> Shale.inMemoryBuilder().defaultTtl(Duration.ZERO));
  }

  @Test
  public void refusedOpens() throws IOException {
    assertThrows(NoStoreException.class, () -> Shale.builder(directory).createIfMissing(false).open());
    try (Shale disk = onDisk()) {
      LockedException locked = assertThrows(LockedException.class, this::onDisk);
      assertEquals(StatusCode.E_LOCKED, locked.code());
      assertThrows(LockedException.class, () -> Shale.destroy(directory));
      disk.put("a", "1");
    }
    ShaleException exists =
        assertThrows(ShaleException.class, () -> Shale.builder(directory).errorIfExists(true).open());
    assertEquals(StatusCode.EXISTS, exists.code());
    Path file = Files.createTempFile("shale-java-", ".txt");
    try {
      ShaleException e = assertThrows(ShaleException.class, () -> Shale.open(file));
      assertTrue(e.toString(), e.getMessage().contains(file.getFileName().toString()));
    } finally {
      Files.delete(file);
    }
  }

  @Test
  public void namesOfDirectoriesMayBeAnything() throws IOException {
    Path odd = directory.resolve("a b\"c");
    try (Shale disk = Shale.builder(odd).memory("16MiB").open()) {
      disk.put("a", "1");
    }
    assertTrue(Files.isDirectory(odd));
    assertTrue(Shale.destroy(odd));
    assertFalse(Files.exists(odd));
  }

  @Test
  public void damageIsACorruptionException() throws IOException {
    try (Shale disk = onDisk()) {
      disk.put("a", "1");
    }
    List<Path> files = new ArrayList<>();
    try (var all = Files.walk(directory)) {
      all.filter(f
             -> Files.isRegularFile(f)
                 && f.getFileName().toString().toLowerCase(Locale.ROOT).startsWith("shale-"))
          .forEach(files::add);
    }
    assertFalse("a store has a superblock", files.isEmpty());
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      for (int i = 8; i < bytes.length; i++) {
        bytes[i] ^= 0x55;
      }
      Files.write(file, bytes);
    }
    ShaleException e = assertThrows(ShaleException.class, this::onDisk);
    assertTrue(
        StatusCode.name(e.code()), e instanceof CorruptionException || e.code() == StatusCode.E_INCOMPATIBLE);
    for (Path file : files) {
      Files.delete(file);   // destroy would not touch what is no store any more
    }
    try (var all = Files.walk(directory)) {
      all.sorted(Comparator.reverseOrder())
          .filter(f -> !f.equals(directory))
          .forEach(f -> f.toFile().delete());
    }
  }

  @Test
  public void statusesBecomeTheirTypes() {
    Map<Integer, Class<?>> types = Map.of(StatusCode.E_INVALID, IllegalArgumentException.class,
        StatusCode.E_CLOSED, ClosedException.class, StatusCode.E_CORRUPT, CorruptionException.class,
        StatusCode.E_IO, ShaleIOException.class, StatusCode.E_NO_SPACE, NoSpaceException.class,
        StatusCode.E_READ_ONLY, ReadOnlyException.class, StatusCode.E_LOCKED, LockedException.class,
        StatusCode.E_OVERFLOW, CounterException.class, StatusCode.WOULD_BLOCK, WouldBlockException.class,
        StatusCode.E_INTERNAL, ShaleException.class);
    types.forEach((code, type) -> assertEquals(type, ShaleException.of(code, b("text"), 5, 7).getClass()));
    ShaleException io = (ShaleException) ShaleException.of(StatusCode.E_IO, b("Grüße"), 5, 7);
    assertEquals("Grüße", io.getMessage());
    assertEquals(StatusCode.E_IO, io.code());
    assertEquals(5, io.errno());
    assertEquals(7, io.shard());
    assertEquals(StatusCode.E_CLOSED, new ClosedException("x").code());
    assertEquals(
        StatusCode.E_INTERNAL, assertThrows(ShaleException.class, () -> ShaleException.check(-16)).code());
  }

  @Test
  public void flushAndSync() {
    try (Shale disk = onDisk()) {
      disk.put("a", "1");
      disk.sync();
      disk.flush();
      assertEquals(0, disk.stat(StatName.PENDING_BYTES));
    }
  }

  @Test
  public void figures() {
    db.put("a", "1");
    long before = db.stat(StatName.CACHE_HITS);
    db.get("a");
    assertEquals(before + 1, db.stat(StatName.CACHE_HITS));
    Map<String, Long> all = db.stats();
    assertEquals(ShaleLibrary.stats().size(), all.size());
    assertEquals(Long.valueOf(1), all.get(StatName.CACHE_ITEMS));
    assertTrue(db.statsJson(), db.statsJson().startsWith("{") && db.statsJson().contains("\"cache.hits\""));
    assertThrows(NoSuchElementException.class, () -> db.stat("no.such"));
    assertEquals(Shale.ShardState.OPEN, db.shardState(0));
    assertEquals(Shale.ShardState.OPEN, db.shardState(Shale.DISK_SHARDS - 1));
    assertThrows(IllegalArgumentException.class, () -> db.shardState(Shale.DISK_SHARDS));
  }

  /**
   * Scripting languages and test frameworks call by reflection, which asks the declaring class, not the
   * object's.
   */
  @Test
  public void everyMethodCanBeReachedByReflection() throws ReflectiveOperationException {
    for (Method method : Shale.class.getMethods()) {
      assertTrue(method.toString(), Modifier.isPublic(method.getDeclaringClass().getModifiers()));
    }
    Shale.class.getMethod("put", byte[].class, byte[].class).invoke(db, b("k"), b("v"));
    assertEquals("v", s((byte[]) Shale.class.getMethod("get", byte[].class).invoke(db, b("k"))));
  }

  @Test
  public void theLibraryAndTheTablesHereAgree() throws ReflectiveOperationException {
    assertEquals(Flags.VERSION_NUMBER, ShaleLibrary.versionNumber());
    assertEquals(
        Flags.VERSION_MAJOR + "." + Flags.VERSION_MINOR + "." + Flags.VERSION_PATCH, ShaleLibrary.version());
    for (var field : StatusCode.class.getFields()) {
      int code = field.getInt(null);
      assertEquals(field.getName(), ShaleLibrary.statusName(code));
      assertEquals(field.getName(), StatusCode.name(code));
      assertEquals(code, ShaleLibrary.constant(field.getName()));
      assertFalse(ShaleLibrary.statusText(code).isEmpty());
    }
    assertEquals("UNKNOWN", StatusCode.name(-999));
    for (var field : Flags.class.getDeclaredFields()) {
      assertEquals(field.getName(), field.getInt(null), ShaleLibrary.constant(field.getName()));
    }
    assertThrows(NoSuchElementException.class, () -> ShaleLibrary.constant("NO_SUCH"));
    List<String> options = new ArrayList<>();
    ShaleLibrary.options().forEach(option -> options.add(option.name()));
    assertArrayEquals(options.toArray(), values(OptionName.class));
    List<String> figures = new ArrayList<>();
    for (StatInfo figure : ShaleLibrary.stats()) {
      figures.add(figure.name());
      assertNotNull(figure.doc());
      assertTrue(figure.kind().equals("counter") || figure.kind().equals("gauge"));
    }
    assertArrayEquals(figures.toArray(), values(StatName.class));
    assertEquals(
        "256MiB", ShaleLibrary.options().get(options.indexOf(OptionName.MEMORY_BUDGET)).defaultValue());
  }

  private static Object[] values(Class<?> table) throws ReflectiveOperationException {
    List<Object> values = new ArrayList<>();
    for (var field : table.getFields()) {
      values.add(field.get(null));
    }
    return values.toArray();
  }
}
