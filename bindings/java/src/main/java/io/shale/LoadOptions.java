package io.shale;

import java.time.Duration;

/**
 * How {@link Shale#computeIfAbsent(byte[], java.util.function.Function, LoadOptions)} loads and waits.
 * Immutable; each method returns another set.
 *
 * <pre>{@code
 * static final LoadOptions PAGES = LoadOptions.DEFAULT
 *     .ttl(Duration.ofHours(1))
 *     .rememberMissing(Duration.ofSeconds(5))
 *     .waitAtMost(Duration.ofSeconds(2));
 * }</pre>
 */
public final class LoadOptions {
  /** Waits as long as it takes, and keeps what was loaded as {@link WriteOptions#DEFAULT} says. */
  public static final LoadOptions DEFAULT =
      new LoadOptions(WriteOptions.DEFAULT, Long.MAX_VALUE, 0, 0, 0);

  final WriteOptions write;
  final long waitMs;
  final long holdMs;
  final long missingTtlMs;
  final int flags;

  private LoadOptions(WriteOptions write, long waitMs, long holdMs, long missingTtlMs, int flags) {
    this.write = write;
    this.waitMs = waitMs;
    this.holdMs = holdMs;
    this.missingTtlMs = missingTtlMs;
    this.flags = flags;
  }

  /**
   * How what was loaded is written: a time to live, {@link WriteOptions#sync()} and {@link
   * WriteOptions#writeAround()}.
   *
   * @param options without a condition, and without {@link WriteOptions#keepTtl()}
   * @return these options with those
   */
  public LoadOptions write(WriteOptions options) {
    return new LoadOptions(options, waitMs, holdMs, missingTtlMs, flags);
  }

  /**
   * How long what was loaded lives; short for {@link #write}.
   *
   * @param ttl longer than nothing, or {@link Shale#FOREVER}
   * @return these options with that one
   */
  public LoadOptions ttl(Duration ttl) { return write(write.ttl(ttl)); }

  /**
   * How long to wait for what another caller loads. When that is over, the call throws a {@link
   * WouldBlockException}.
   *
   * @param time {@link Duration#ZERO} does not wait at all, {@link Shale#FOREVER} is usual
   * @return these options with that one
   */
  public LoadOptions waitAtMost(Duration time) {
    long ms = time.isZero() ? 0 : Durations.toTtlMs(time);
    return new LoadOptions(write, ms == Flags.TTL_NEVER ? Long.MAX_VALUE : ms, holdMs, missingTtlMs, flags);
  }

  /**
   * How long nobody else loads the same key. Who asks after that loads it too: so choose more than a load
   * takes.
   *
   * @param time longer than nothing; the store's option {@link OptionName#LEASE_HOLD_MS} is usual
   * @return these options with that one
   */
  public LoadOptions holdFor(Duration time) {
    return new LoadOptions(write, waitMs, Durations.toTtlMs(time), missingTtlMs, flags);
  }

  /**
   * For how long it is kept in mind that the function has returned null: until then, or until the key is
   * written, nobody loads it again, and the answer is null. The memory for this is limited, so it may be
   * forgotten earlier.
   *
   * @param time longer than nothing
   * @return these options with that one
   */
  public LoadOptions rememberMissing(Duration time) {
    return new LoadOptions(write, waitMs, holdMs, Durations.toTtlMs(time), flags);
  }

  /**
   * Takes a value whose time is over, without waiting, while another caller loads a new one. Such values are
   * kept for as long as the store's option {@link OptionName#TTL_GRACE_MS} says.
   *
   * @return these options and that one
   */
  public LoadOptions staleOk() {
    return new LoadOptions(write, waitMs, holdMs, missingTtlMs, flags | Flags.STALE_OK);
  }
}
