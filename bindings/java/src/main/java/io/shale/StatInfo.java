package io.shale;

/**
 * One figure of a store, as the library describes it.
 *
 * @param name as {@link Shale#stat(String)} takes it
 * @param kind "counter", which grows, or "gauge"
 * @param doc what it counts
 */
public record StatInfo(String name, String kind, String doc) {}
