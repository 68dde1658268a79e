package io.shale;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory beside the Java heap, one for each thread, through which short keys go to the library and short
 * values come back: then a read hands over numbers only, and nothing of it has to be looked up, copied or
 * allocated by native code, which costs the most of a call. The layout is that of jni_load.h.
 */
final class Scratch {
  static final int KEY_BYTES = 1024;
  static final int VALUE_BYTES = 4096;

  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  private final ByteBuffer memory = ByteBuffer.allocateDirect(KEY_BYTES + VALUE_BYTES);
  private final long address = NativeJNI.address_of(memory);

  private Scratch() { memory.order(ByteOrder.nativeOrder()); }

  /** The value of a key of at most KEY_BYTES, null if there is none. */
  static byte[] read(long handle, byte[] key, int flags) {
    return OF_THREAD.get().get(handle, key, flags);
  }

  private byte[] get(long handle, byte[] key, int flags) {
    memory.put(0, key);
    long length = NativeJNI.get_scratch(handle, address, key.length, flags);
    if (length < 0) {
      return null;
    }
    if (length > VALUE_BYTES) {
      return takePinned((int) length);
    }
    byte[] value = new byte[(int) length];
    memory.get(KEY_BYTES, value);
    return value;
  }

  private byte[] takePinned(int length) {
    byte[] value = null;
    try {
      value = new byte[length];
    } finally {
      NativeJNI.take_scratch(address, value); // without memory for the value it is let go all the same
    }
    return value;
  }
}
