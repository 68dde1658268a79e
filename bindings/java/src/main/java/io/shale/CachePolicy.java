package io.shale;

/** Which items leave the memory tier when it is full. */
public enum CachePolicy {
  /** Those that were not asked for a second time; the usual one. */
  S3FIFO("s3fifo"),
  /** Those that were not asked for longest. */
  LRU("lru"),
  /** The oldest. */
  FIFO("fifo");

  final String option;

  CachePolicy(String option) { this.option = option; }
}
