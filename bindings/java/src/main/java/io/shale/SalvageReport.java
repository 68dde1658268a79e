package io.shale;

/**
 * What {@link Shale#salvage} could save.
 *
 * @param recovered keys in the new store
 * @param suspicious how many of these are not proven to be the newest
 * @param dropped keys that exist and whose value is lost
 * @param json the whole report, a JSON object: these three, "recovered_bytes", "expired", "deleted", "batches_dropped",
 *     "batches_in_part", "unreadable_bytes", "dropped_keys_hex" (the first 100) and "source", as {@link VerifyReport#json}
 */
public record SalvageReport(long recovered, long suspicious, long dropped, String json) {}
