package io.shale;

/**
 * One option of a store, as the library describes it.
 *
 * @param name as {@link ShaleBuilder#option(String, String)} takes it
 * @param type "bool", "int", "size", "text" or "enum"
 * @param defaultValue what it is if nobody sets it
 * @param range "8MiB..1TiB" or "lru|fifo|s3fifo"
 * @param changeable whether it can be changed while the store is open
 * @param doc what it does
 */
public record OptionInfo(
    String name, String type, String defaultValue, String range, boolean changeable, String doc) {}
