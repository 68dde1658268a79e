package io.shale;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

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
  private final byte[] path;
  private final Map<String, Object> options = new LinkedHashMap<>();

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
      return new Shale(openNative(handle));
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
