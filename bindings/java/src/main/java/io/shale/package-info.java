/**
 * An ordered, crash-safe key-value store with a memory tier in front of it, inside this process.
 *
 * <pre>{@code
 * try (Shale db = Shale.open(Path.of("data"))) {
 *   db.put("city/oslo", "59.91,10.75");
 *   System.out.println(db.get("city/oslo"));
 * }
 * }</pre>
 *
 * <p>{@link io.shale.Shale} is the store. Everything that it returns is a copy that belongs to the caller,
 * with one exception, {@link io.shale.Shale#read read}, which lends a view for the time of a call.
 *
 * <p>Closing is explicit and safe: {@code close} may be called at any time, from any thread, more than once.
 * A call on a store or a cursor that was closed throws {@link io.shale.ClosedException}. What is forgotten is
 * closed when the garbage collector finds it.
 */
package io.shale;
