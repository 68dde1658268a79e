package io.shale;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes the packed forms of the C interface: little-endian, nothing padded. One array crosses the border,
 * not one per key.
 */
final class Packer {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;

  private byte[] bytes;
  private int used;

  Packer(int capacity) { bytes = new byte[capacity]; }

  static int intAt(byte[] packed, int at) { return (int) INT.get(packed, at); }

  void putByte(int value) {
    grow(Byte.BYTES);
    bytes[used++] = (byte) value;
  }

  void putLong(long value) {
    grow(Long.BYTES);
    LONG.set(bytes, used, value);
    used += Long.BYTES;
  }

  /** The length as u32, then the bytes. */
  void putSized(byte[] value) {
    grow(Integer.BYTES + (long) value.length);
    INT.set(bytes, used, value.length);
    System.arraycopy(value, 0, bytes, used + Integer.BYTES, value.length);
    used += Integer.BYTES + value.length;
  }

  void clear() { used = 0; }

  int size() { return used; }

  /** The bytes written, in an array of just that length: the one inside if it happens to fit. */
  byte[] toArray() { return used == bytes.length ? bytes : Arrays.copyOf(bytes, used); }

  private void grow(long more) {
    long wanted = used + more;
    if (wanted <= bytes.length) {
      return;
    }
    if (wanted > ARRAY_BYTES_MAX) {
      throw new IllegalArgumentException("more than 2 GiB of keys and values in one call");
    }
    bytes = Arrays.copyOf(bytes, (int) Math.min(ARRAY_BYTES_MAX, Math.max(wanted, 2L * bytes.length)));
  }
}
