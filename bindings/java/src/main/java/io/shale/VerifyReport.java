package io.shale;

/**
 * What {@link Shale#verify} found out about a store.
 *
 * @param problems number of files that are damaged, missing or suspicious; 0 for a good store
 * @param json the whole report, a JSON object: "good", "closed_cleanly", "damaged_files", "suspicious_files", "file_count",
 *     "bytes", "records", "keys", and "files", a list with "name", "state", "bytes", "records", "problem_count" and
 *     "problems" ("offset", "severity", "what")
 */
public record VerifyReport(long problems, String json) {}
