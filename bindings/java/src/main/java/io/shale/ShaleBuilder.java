package io.shale;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * Options of a store, and then the store. Those that programs set most have methods; {@link #option(String,
 * String)} takes all of {@link OptionName}. They are checked by {@link #open()}.
 *
 * <pre>{@code
 * Shale db = Shale.builder(Path.of("data"))
 *     .memory("512MiB")
 *     .durability(Durability.within(Duration.ofMillis(100)))
 *     .open();
 * }</pre>
 *
 * <p>It lives on the Java heap and can open several stores in memory. One thread at a time.
 */
public final class ShaleBuilder {
  private static final int KEY_BYTES = 32;

  private final byte[] path;
  private final Map<String, Object> options = new LinkedHashMap<>();

  /** Null: none. */
  private byte[] key;

  /** Null: in memory. */
  ShaleBuilder(byte[] path) { this.path = path; }

  /**
   * Memory for everything: items, caches, pending updates.
   *
   * @param bytes at least 8 MiB
   * @return this builder
   */
  public ShaleBuilder memory(long bytes) { return option(OptionName.MEMORY_BUDGET, bytes); }

  /**
   * Memory for everything, as text.
   *
   * @param size a number and B, KiB, MiB, GiB, KB, MB or GB: "512MiB"
   * @return this builder
   */
  public ShaleBuilder memory(String size) { return option(OptionName.MEMORY_BUDGET, size); }

  /**
   * What a write survives once its call has returned.
   *
   * @param durability one of {@link Durability}
   * @return this builder
   */
  public ShaleBuilder durability(Durability durability) {
    return option(OptionName.DURABILITY, durability.option);
  }

  /**
   * Which items leave the memory tier when it is full.
   *
   * @param policy one of {@link CachePolicy}
   * @return this builder
   */
  public ShaleBuilder cachePolicy(CachePolicy policy) {
    return option(OptionName.CACHE_POLICY, policy.option);
  }

  /**
   * Whether to create the store if there is none. If not, open throws {@link NoStoreException}.
   *
   * @param create true is usual
   * @return this builder
   */
  public ShaleBuilder createIfMissing(boolean create) {
    return option(OptionName.OPEN_CREATE, create ? 1 : 0);
  }

  /**
   * Whether to refuse a store that exists already. Open throws a {@link ShaleException} with code {@link
   * StatusCode#EXISTS} then.
   *
   * @param refuse false is usual
   * @return this builder
   */
  public ShaleBuilder errorIfExists(boolean refuse) {
    return option(OptionName.OPEN_ERROR_IF_EXISTS, refuse ? 1 : 0);
  }

  /**
   * How long keys live that are written without a time to live.
   *
   * @param ttl longer than nothing, or {@link Shale#FOREVER}, which is usual
   * @return this builder
   */
  public ShaleBuilder defaultTtl(Duration ttl) {
    long ttlMs = Durations.toTtlMs(ttl);
    return option(OptionName.TTL_DEFAULT_MS, ttlMs == Flags.TTL_NEVER ? 0 : ttlMs);
  }

  /**
   * Threads that apply updates to the index and compact it.
   *
   * @param threads 2 to 16; 0 leaves it to the library, which is usual
   * @return this builder
   */
  public ShaleBuilder backgroundThreads(int threads) {
    return option(OptionName.BACKGROUND_THREADS, threads);
  }

  /**
   * Most files kept open.
   *
   * @param files at least 256; 0 leaves it to the library, which is usual
   * @return this builder
   */
  public ShaleBuilder maxOpenFiles(int files) { return option(OptionName.FILES_OPEN_MAX, files); }

  /**
   * The key of a store whose values are encrypted on disk. A store that is created with a key is encrypted from
   * then on, and one created without is not; to open it with another key, without one, or with one where there is
   * none is a {@link ShaleException} with code {@link StatusCode#E_INCOMPATIBLE}. A lost key is lost with all
   * values; {@link #rewriteFrom} changes one. Encrypted are the values, wherever they lie on disk; keys of entries,
   * lengths and times are not.
   *
   * @param key 32 bytes, random, not a password; null for none. The array is not copied: it is read when the store is
   *     opened, and can be wiped after that
   * @return this builder
   */
  public ShaleBuilder key(byte[] key) {
    this.key = key;
    return this;
  }

  /**
   * Any option, from text. A later value of the same option wins.
   *
   * @param name one of {@link OptionName}
   * @param value as the documentation of the option says
   * @return this builder
   */
  public ShaleBuilder option(String name, String value) {
    options.put(name, Text.of(name, value));
    return this;
  }

  /**
   * Any option that is a number, a size or a truth (0, 1).
   *
   * @param name one of {@link OptionName}
   * @param value the number
   * @return this builder
   */
  public ShaleBuilder option(String name, long value) {
    options.put(name, value);
    return this;
  }

  /**
   * Opens the store. May wait for the disk.
   *
   * @return a store to close
   * @throws IllegalArgumentException if an option is unknown or out of its range; the message names it
   * @throws LockedException if the store is open already
   * @throws NoStoreException if there is none and it was not to be created
   * @throws ShaleException if it cannot be opened for another reason; nothing is changed then
   */
  public Shale open() {
    return withOptions(options, key, handle -> new Shale(openNative(handle)));
  }

  /**
   * Reads every byte of the store in the directory of this builder, with its key; else as {@link Shale#verify}. Of an
   * encrypted store the same is checked without the key, but whether its values can be decrypted: {@code
   * "values_checked"} in the report is false then. Other options do not count.
   *
   * @param progress is told how far it is; may be null
   * @return what was found
   */
  public VerifyReport verify(Progress progress) {
    long[] problems = new long[1];
    byte[] report = withOptions(
        Map.of(), key, handle -> NativeJNI.verify_with(path, handle, progress, problems));
    return new VerifyReport(problems[0], new String(report, StandardCharsets.UTF_8));
  }

  /**
   * Makes the store of this builder, with its key and options, of what can be proven of a damaged one; else as {@link
   * Shale#salvage}.
   *
   * @param directory where the damaged store is
   * @param oldKey its key, null for none: an encrypted store needs it
   * @param progress is told how far it is; may be null
   * @return what could be saved
   */
  public SalvageReport salvageFrom(Path directory, byte[] oldKey, Progress progress) {
    byte[] from = Text.ofPath(directory);
    long[] numbers = new long[3];
    byte[] report = withOptions(Map.of(), oldKey,
        old -> withOptions(
            options, key, handle -> NativeJNI.salvage_with(from, old, path, handle, progress, numbers)));
    return new SalvageReport(
        numbers[0], numbers[1], numbers[2], new String(report, StandardCharsets.UTF_8));
  }

  /**
   * Makes the store of this builder, with its key and options, of another one: to change a key, to encrypt or decrypt
   * all values, to compress them or not. The other store is not changed; remove it with {@link Shale#destroy} when the
   * new one is in use. It must have been closed and be undamaged, else there is no new store. Deadlines stay, versions
   * begin anew. May wait for the disk.
   *
   * <pre>{@code
   * long keys = Shale.builder(Path.of("encrypted")).key(key).rewriteFrom(Path.of("data"), null, null);
   * }</pre>
   *
   * @param directory where the other store is
   * @param oldKey its key, null for none
   * @param progress is told how far it is; may be null
   * @return how many keys were written
   * @throws CorruptionException if the other store is damaged
   * @throws ShaleException if it cannot be done; with code {@link StatusCode#EXISTS} if something is at the new place,
   *     with {@link StatusCode#E_INCOMPATIBLE} if the other store was not closed or has another key, with {@link
   *     StatusCode#CANCELLED} if progress asked for the end
   */
  public long rewriteFrom(Path directory, byte[] oldKey, Progress progress) {
    byte[] from = Text.ofPath(directory);
    return withOptions(Map.of(), oldKey,
        old -> withOptions(options, key, handle -> NativeJNI.rewrite(from, old, path, handle, progress)));
  }

  /** The library's set of options, for the time of a call. */
  private static <R> R withOptions(Map<String, Object> options, byte[] key, LongFunction<R> call) {
    if (key != null && key.length != KEY_BYTES) {
      throw new IllegalArgumentException("a key has " + KEY_BYTES + " bytes, not " + key.length);
    }
    long handle = NativeJNI.shale_options_new();
    if (handle == 0) {
      ShaleException.check(StatusCode.E_NO_MEMORY);
    }
    try {
      for (Map.Entry<String, Object> option : options.entrySet()) {
        byte[] name = Text.of("name", option.getKey());
        if (option.getValue() instanceof Long) {
          NativeJNI.shale_options_set_i64(handle, name, (Long) option.getValue());
        } else {
          NativeJNI.shale_options_set(handle, name, (byte[]) option.getValue());
        }
      }
      if (key != null) {
        NativeJNI.set_key(handle, key);
      }
      return call.apply(handle);
    } finally {
      NativeJNI.shale_options_free(handle);
    }
  }

  private long openNative(long optionsHandle) {
    for (;;) {
      try {
        return NativeJNI.shale_open(path, optionsHandle);
      } catch (ShaleException e) {
        if (e.code() != StatusCode.E_LIMIT || !StoreHandle.freeUnreachable()) {
          throw e;
        }
      }
    }
  }
}
