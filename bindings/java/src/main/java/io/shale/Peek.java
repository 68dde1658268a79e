package io.shale;

import java.util.Optional;

/** What the memory tier alone knows about a key; see {@link Shale#peek}. */
public final class Peek {
  /** The three things that it may know. */
  public enum Kind {
    /** The value is here. */
    FOUND,
    /** There is no such key. */
    ABSENT,
    /** Only the disk can tell. */
    WOULD_BLOCK
  }

  static final Peek ABSENT = new Peek(Kind.ABSENT, null);
  static final Peek WOULD_BLOCK = new Peek(Kind.WOULD_BLOCK, null);

  private final Kind kind;
  private final byte[] value;

  private Peek(Kind kind, byte[] value) {
    this.kind = kind;
    this.value = value;
  }

  static Peek found(byte[] value) { return new Peek(Kind.FOUND, value); }

  /**
   * Which of the three it is.
   *
   * @return the kind
   */
  public Kind kind() { return kind; }

  /**
   * The value, if it was found.
   *
   * @return a copy that belongs to the caller; empty if the key is absent or only the disk can tell
   */
  public Optional<byte[]> value() { return Optional.ofNullable(value); }
}
