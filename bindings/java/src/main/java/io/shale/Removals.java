package io.shale;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What has left the memory tier since it was asked for the last time; see {@link Shale#pollRemovals}.
 *
 * @param list the removals; those of one key in their order
 * @param dropped how many there was no room for since the store was opened, because nobody asked in time
 */
public record Removals(List<Removal> list, long dropped) {
  /** Why a value has left. With a store on disk that is no loss: EVICTED values are read from there again. */
  public enum Reason {
    /** To make room. */
    EVICTED,
    /** Its time was over. */
    EXPIRED,
    /** Its key was removed. */
    DELETED,
    /** Its key was given a newer value or deadline. */
    OVERWRITTEN
  }

  /**
   * One value that has left.
   *
   * @param key its key; the array belongs to the caller
   * @param version the version of what left
   * @param reason why
   */
  public record Removal(byte[] key, long version, Reason reason) {}

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final Reason[] REASONS = Reason.values();

  /** From the rows of the C interface: u8 reason, i64 version, u32 key length, key. */
  static Removals unpack(byte[] rows, long count, long dropped) {
    List<Removal> list = new ArrayList<>();
    int at = 0;
    for (long i = 0; i < count; i++) {
      long version = (long) LONG.get(rows, at + 1);
      int start = at + 1 + Long.BYTES + Integer.BYTES;
      int end = start + Packer.intAt(rows, at + 1 + Long.BYTES);
      list.add(new Removal(Arrays.copyOfRange(rows, start, end), version, REASONS[rows[at] - 1]));
      at = end;
    }
    return new Removals(list, dropped);
  }
}
