package io.shale;

import java.nio.ByteBuffer;

/** Bytes of buffers that native code cannot read where they are. */
final class Buffers {
  private Buffers() {}

  /** The remaining bytes; the position stays. */
  static byte[] toArray(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }
}
