package io.shale;

import java.time.Duration;

/** What a write survives once its call has returned. */
public final class Durability {
  /** The end of this process, by whatever cause; not a loss of power. The fastest, and the usual one. */
  public static final Durability OS = new Durability("os");

  /** A loss of power too: each write waits for the disk. */
  public static final Durability DISK = new Durability("disk");

  final String option;

  private Durability(String option) { this.option = option; }

  /**
   * As {@link #OS}, and a loss of power after this time.
   *
   * @param interval a millisecond to an hour
   * @return that durability
   */
  public static Durability within(Duration interval) {
    return new Durability("interval:" + interval.toMillis());
  }

  /** As the option {@code durability} takes it. */
  @Override
  public String toString() {
    return option;
  }
}
