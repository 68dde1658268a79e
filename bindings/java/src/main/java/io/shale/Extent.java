package io.shale;

/**
 * How much there is in a {@link KeyRange}.
 *
 * @param keys number of keys
 * @param bytes of these keys with their values, as they are stored if these are compressed or encrypted
 */
public record Extent(long keys, long bytes) {}
