package peers;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Keys, and the value that belongs to each: the key, and noise that its bytes choose. Constant after it is made. */
final class Values {
  // Stays in the second-level cache, so that making a value costs little beside storing it.
  private static final int NOISE_BYTES = 256 << 10;
  private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int size;
  private final byte[] noise;

  Values(int size) {
    this.size = size;
    Draw draw = new Draw(0);
    noise = new byte[NOISE_BYTES + size];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) (draw.next() >>> 56);
    }
  }

  int size() { return size; }

  private int noiseAt(byte[] key) {
    long h = key.length;
    if (key.length >= 8) {
      h ^= (long) WORD.get(key, key.length - 8) * 0x9E3779B97F4A7C15L;
      h ^= (long) WORD.get(key, 0) * 0xC2B2AE3D27D4EB4FL;
    } else {
      for (byte b : key) {
        h = h * 31 + b;
      }
    }
    return (int) ((h * 0x9E3779B97F4A7C15L >>> 32) % NOISE_BYTES);
  }

  void fill(byte[] key, byte[] out) {
    int head = Math.min(key.length, size);
    System.arraycopy(key, 0, out, 0, head);
    System.arraycopy(noise, noiseAt(key), out, head, size - head);
  }

  /** Compares length, key and the last eight bytes; null if all is right. */
  String problem(byte[] key, byte[] value, int length) {
    if (length != size) {
      return "a value of " + length + " bytes, not " + size;
    }
    int head = Math.min(key.length, size);
    if (!Arrays.equals(value, 0, head, key, 0, head)) {
      return "a value that belongs to another key";
    }
    int tail = Math.min(8, size - head);
    int end = noiseAt(key) + size - head;
    return Arrays.equals(value, size - tail, size, noise, end - tail, end) ? null : "a value with another end";
  }

  /** key_(worker)_(n). */
  static byte[] seedKey(int worker, long n) {
    int first = digits(worker);
    int second = digits(n);
    byte[] key = new byte[5 + first + second];
    key[0] = 'k';
    key[1] = 'e';
    key[2] = 'y';
    key[3] = '_';
    write(key, 4, first, worker);
    key[4 + first] = '_';
    write(key, 5 + first, second, n);
    return key;
  }

  /** "user" and 19 digits of a hash of the row's number. */
  static byte[] userKey(long n) {
    byte[] key = new byte[23];
    key[0] = 'u';
    key[1] = 's';
    key[2] = 'e';
    key[3] = 'r';
    write(key, 4, 19, Draw.scatter(n + 1) >>> 1);
    return key;
  }

  /** The number in 16 digits, so that keys are ordered as their numbers. */
  static byte[] plainKey(long n) {
    byte[] key = new byte[16];
    write(key, 0, 16, n);
    return key;
  }

  /** Lies between two plain keys and is as long as they are. */
  static byte[] absentKey(long n) {
    byte[] key = plainKey(n);
    key[15] = 'x';
    return key;
  }

  private static int digits(long n) {
    int count = 1;
    for (; n >= 10; n /= 10) {
      count++;
    }
    return count;
  }

  private static void write(byte[] out, int at, int count, long n) {
    for (int i = at + count - 1; i >= at; i--, n /= 10) {
      out[i] = (byte) ('0' + n % 10);
    }
  }
}
