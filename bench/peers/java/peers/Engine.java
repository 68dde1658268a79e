package peers;

import java.util.List;
import java.util.function.Supplier;

/** What every peer can do. All calls may come from any thread. */
interface Engine extends AutoCloseable {
  /** The key as this engine's users have it; made before an operation is timed. */
  default Object keyOf(byte[] key) { return key; }

  /** value is borrowed. */
  void put(Object key, byte[] value) throws Exception;

  /** Leaves the value in a.seen, which may be a.room, and returns its length; -1: no such key. */
  int get(Object key, Access a) throws Exception;

  /** Writes rows, sorted within a call, as the engine's manual advises. */
  void load(List<byte[]> keys, List<byte[]> values) throws Exception;

  /** Visits up to `rows` rows from the key on. */
  default void scan(byte[] from, int rows, RowVisitor visitor) throws Exception {
    throw new Peers.NotDone("it has no order");
  }

  /** False: scan throws. */
  default boolean isOrdered() { return false; }

  /** False: putFor throws. */
  default boolean hasDeadlines() { return false; }

  default void putFor(Object key, byte[] value, long lifeMs) throws Exception {
    throw new Peers.NotDone("its keys have no deadline");
  }

  @Override
  void close() throws Exception;

  interface RowVisitor {
    void row(byte[] key, byte[] value);
  }

  interface Opener {
    Engine open(Peers.Request request, String durability) throws Exception;
  }

  /** One row of the table of engines. */
  record Kind(String name, Supplier<String> versionOf, boolean isCache, Opener opener) {
    String version() { return versionOf.get(); }
  }
}
