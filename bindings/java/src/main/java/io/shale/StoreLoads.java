package io.shale;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** Loading what is missing: one caller a key, whoever else asks waits for what it brings. */
abstract class StoreLoads extends StoreUpdates {
  StoreLoads(long handle) { super(handle); }

  /**
   * The value of a key; if there is none, what a function makes of the key, which is then set. However many
   * threads of the process ask for a key at the same time, one of them runs its function, and the others wait
   * for what that brings. May wait for the disk and for another caller's function.
   *
   * <pre>{@code
   * byte[] page = db.computeIfAbsent(url, u -> download(u));
   * }</pre>
   *
   * <p>The function runs without a lock; it may use this store, but not ask for the same key in this way. If
   * it throws, the exception goes to the caller whose function it is, and one of those who wait runs its own.
   * If the key is written or removed while the function runs, then what the function made is not kept, for it
   * may be older: the newer value is returned, or what was made if there is none.
   *
   * @param key 1 to 65,535 bytes
   * @param function makes the value; if it returns null, nothing is set
   * @return the value that the key has now, null if the function returned that
   */
  public byte[] computeIfAbsent(byte[] key, Function<? super byte[], byte[]> function) {
    return computeIfAbsent(key, function, LoadOptions.DEFAULT);
  }

  /**
   * The value of a key; if there is none, what a function makes of the key, which is then set as the options
   * say. Else as {@link #computeIfAbsent(byte[], Function)}.
   *
   * @param key 1 to 65,535 bytes
   * @param function makes the value; if it returns null, nothing is set
   * @param options how to write it
   * @return the value that the key has now, null if the function returned that
   */
  public byte[] computeIfAbsent(
      byte[] key, Function<? super byte[], byte[]> function, WriteOptions options) {
    return computeIfAbsent(key, function, LoadOptions.DEFAULT.write(options));
  }

  /**
   * The value of a key; if there is none, what a function makes of the key, which is then set as the options
   * say. Else as {@link #computeIfAbsent(byte[], Function)}.
   *
   * @param key 1 to 65,535 bytes
   * @param function makes the value; if it returns null, nothing is set
   * @param options how to load, to wait and to write
   * @return the value that the key has now; null if the function returned that, or did a moment ago and the
   *     options of that call were {@link LoadOptions#rememberMissing}
   * @throws WouldBlockException if another caller did not bring the value in the time that {@link
   *     LoadOptions#waitAtMost} gives
   */
  public byte[] computeIfAbsent(
      byte[] key, Function<? super byte[], byte[]> function, LoadOptions options) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(function, "function");
    int writeFlags = loadFlags(options);
    long[] leaseAndStatus = new long[2];
    try {
      byte[] value = NativeJNI.get_or_lease(
          handle, key, options.waitMs, options.holdMs, leaseAndStatus, options.flags);
      if (leaseAndStatus[1] == StatusCode.WOULD_BLOCK) {
        throw new WouldBlockException("another caller loads this key and has not brought it in time");
      }
      return leaseAndStatus[0] == 0 ? value : load(leaseAndStatus[0], key, function, options, writeFlags);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private byte[] load(long lease, byte[] key, Function<? super byte[], byte[]> function, LoadOptions options,
      int writeFlags) {
    try {
      byte[] made = function.apply(key);
      if (made == null) {
        NativeJNI.shale_lease_fail(lease, options.missingTtlMs, 0);
        return null;
      }
      int status = NativeJNI.shale_lease_fulfil(lease, made, options.write.ttlMs, null, writeFlags);
      return status == StatusCode.MISMATCH ? getOrDefault(key, made) : made;
    } finally {
      NativeJNI.shale_lease_free(lease);   // gives it up if it was neither fulfilled nor failed
    }
  }

  /**
   * The values of many keys; those that are missing are made by a function, as {@link
   * #computeIfAbsent(byte[], Function)} does for one, and set. The function is given the keys that nobody
   * else loads at the moment, perhaps several times, and returns a value, or null, for each of them in their
   * order. What others load is waited for after that, so that two callers never wait for each other.
   *
   * @param keys each 1 to 65,535 bytes
   * @param function makes values
   * @param options how to load, to wait and to write
   * @return the values in the order of the keys, null where the function made none. The list is modifiable,
   *     of the caller
   * @throws WouldBlockException if another caller did not bring a value in the time that {@link
   *     LoadOptions#waitAtMost} gives
   * @throws IllegalArgumentException if the function returned more or less values than it was given keys
   */
  public List<byte[]> computeAllIfAbsent(Collection<byte[]> keys,
      Function<? super List<byte[]>, ? extends List<byte[]>> function, LoadOptions options) {
    Objects.requireNonNull(function, "function");
    int writeFlags = loadFlags(options);
    byte[][] wanted = keys.toArray(new byte[0][]);
    byte[][] values = new byte[wanted.length][];
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < wanted.length; i++) {
      open.add(i);
    }
    long startNs = System.nanoTime();
    long waitMs = 0;
    while (!open.isEmpty()) {
      List<Integer> leased = new ArrayList<>();
      List<Long> leases = new ArrayList<>();
      try {
        open = ask(wanted, values, open, waitMs, options, leased, leases);
        waitMs = 0;
        if (!leased.isEmpty()) {
          loadAll(wanted, values, leased, leases, function, options, writeFlags);
        } else if (!open.isEmpty()) {
          waitMs = left(options.waitMs, startNs);
        }
      } finally {
        leases.forEach(NativeJNI::shale_lease_free);
      }
    }
    return new ArrayList<>(Arrays.asList(values));
  }

  /** What is left of the time; nothing is an exception. */
  private static long left(long waitMs, long startNs) {
    long left = waitMs - (System.nanoTime() - startNs) / 1_000_000;
    if (left <= 0) {
      throw new WouldBlockException("another caller loads one of these keys and has not brought it in time");
    }
    return left;
  }

  /** One call about all open keys. Returns those that somebody else loads. */
  private List<Integer> ask(byte[][] wanted, byte[][] values, List<Integer> open, long waitMs,
      LoadOptions options, List<Integer> leased, List<Long> leases) {
    Packer packed = new Packer(Math.max(64, 32 * Math.min(open.size(), 1 << 20)));
    for (int i : open) {
      packed.putSized(wanted[i]);
    }
    List<Integer> still = new ArrayList<>();
    long[] leaseAndStatus = new long[2];
    long results = 0;
    try {
      results = NativeJNI.multi_get_or_lease(
          handle, packed.toArray(), open.size(), waitMs, options.holdMs, options.flags);
      for (int at = 0; at < open.size(); at++) {
        int i = open.get(at);
        values[i] = NativeJNI.results_at(results, at, leaseAndStatus);
        int status = ShaleException.check((int) leaseAndStatus[1]);
        if (leaseAndStatus[0] != 0) {
          leases.add(leaseAndStatus[0]);
          leased.add(i);
        } else if (status == StatusCode.WOULD_BLOCK || status == StatusCode.LEASED) {
          still.add(i);
        }
      }
      return still;
    } finally {
      NativeJNI.shale_results_free(results);
      Reference.reachabilityFence(this);
    }
  }

  private void loadAll(byte[][] wanted, byte[][] values, List<Integer> leased, List<Long> leases,
      Function<? super List<byte[]>, ? extends List<byte[]>> function, LoadOptions options, int writeFlags) {
    List<byte[]> missing = new ArrayList<>();
    leased.forEach(i -> missing.add(wanted[i]));
    List<byte[]> made = function.apply(missing);
    if (made.size() != leased.size()) {
      throw new IllegalArgumentException("the function made " + made.size() + " values for " + leased.size()
          + " keys");
    }
    Packer packed = new Packer(64);
    List<Integer> there = new ArrayList<>();
    List<Long> thereLeases = new ArrayList<>();
    for (int at = 0; at < leased.size(); at++) {
      byte[] value = made.get(at);
      values[leased.get(at)] = value;
      if (value == null) {
        NativeJNI.shale_lease_fail(leases.get(at), options.missingTtlMs, 0);
      } else {
        packed.putSized(value);
        there.add(leased.get(at));
        thereLeases.add(leases.get(at));
      }
    }
    long[] statuses = thereLeases.stream().mapToLong(Long::longValue).toArray();
    NativeJNI.multi_lease_fulfil(statuses, packed.toArray(), options.write.ttlMs, writeFlags);
    for (int at = 0; at < statuses.length; at++) {
      if (statuses[at] == StatusCode.MISMATCH) {
        int i = there.get(at);
        values[i] = getOrDefault(wanted[i], values[i]);
      }
    }
  }

  /** Found out before anything is loaded. */
  private static int loadFlags(LoadOptions options) {
    if ((options.write.flags & (Flags.IF_ABSENT | Flags.IF_PRESENT)) != 0
        || options.write.ttlMs == Flags.TTL_KEEP) {
      throw new IllegalArgumentException("what was loaded is written without a condition or keepTtl");
    }
    return options.write.flags;
  }
}
