// Made by `make generate` from the library's own tables; do not edit.
package io.shale;

/** Every other constant of the C interface. */
final class Flags {
  static final int VERSION_MAJOR = 1;
  static final int VERSION_MINOR = 0;
  static final int VERSION_PATCH = 0;
  static final int VERSION_NUMBER = 1000000;
  static final int KEY_BYTES_MAX = 65535;
  static final int VALUE_BYTES_MAX = 1073741824;
  static final int BATCH_BYTES_MAX = 268435456;
  static final int DISK_SHARDS = 64;
  static final int MEMORY_SHARDS = 256;
  static final int TTL_DEFAULT = 0;
  static final int TTL_NEVER = -1;
  static final int TTL_KEEP = -2;
  static final int VERSION_ABSENT = 0;
  static final int CACHE_ONLY = 1;
  static final int NO_FILL = 2;
  static final int IF_ABSENT = 4;
  static final int IF_PRESENT = 8;
  static final int SYNC = 16;
  static final int REVERSE = 32;
  static final int KEYS_ONLY = 64;
  static final int WRITE_AROUND = 128;
  static final int STALE_OK = 256;
  static final int COPY_FILES = 512;
  static final int PREFIX = 1024;
  static final int SHARD_OPEN = 0;
  static final int SHARD_READ_ONLY = 1;
  static final int EVENT_EVICTED = 1;
  static final int EVENT_EXPIRED = 2;
  static final int EVENT_DELETED = 3;
  static final int EVENT_OVERWRITTEN = 4;

  private Flags() {}
}
