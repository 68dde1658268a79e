package io.shale;

/**
 * A value and the version of its key, from one read. The version grows with every change of the key, also over removal and
 * reopening, so that {@link Shale#compareAndSet(byte[], long, byte[])} cannot mistake an old value that came back for one
 * that never changed.
 *
 * @param value the value; the array belongs to the caller
 * @param version the version of the key at that moment
 */
public record Versioned(byte[] value, long version) {}
