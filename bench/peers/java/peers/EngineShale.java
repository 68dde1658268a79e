package peers;

import io.shale.Cursor;
import io.shale.Durability;
import io.shale.Entry;
import io.shale.Scan;
import io.shale.Shale;
import io.shale.ShaleBuilder;
import io.shale.ShaleLibrary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Shale through its Java binding: on disk, and in memory alone. */
final class EngineShale implements Engine {
  static final Kind STORE = new Kind("shale-java", ShaleLibrary::version, false, (request, durability) ->
      new EngineShale(Shale.builder(Path.of(request.dir(), "shale"))
          .durability(durability.equals("sync") ? Durability.DISK : Durability.OS), request));
  static final Kind CACHE = new Kind("shale-java", ShaleLibrary::version, true,
      (request, durability) -> new EngineShale(Shale.inMemoryBuilder(), request));

  private final Shale db;

  private EngineShale(ShaleBuilder builder, Peers.Request request) { db = builder.memory(request.budgetMib() << 20).open(); }

  @Override
  public void put(Object key, byte[] value) { db.put((byte[]) key, value); }

  @Override
  public int get(Object key, Access a) {
    a.seen = a.room;
    return db.get((byte[]) key, a.room);
  }

  @Override
  public boolean hasDeadlines() { return true; }

  @Override
  public void putFor(Object key, byte[] value, long lifeMs) { db.put((byte[]) key, value, Duration.ofMillis(lifeMs)); }

  @Override
  public void load(List<byte[]> keys, List<byte[]> values) {
    List<Entry> entries = new ArrayList<>(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      entries.add(new Entry(keys.get(i), values.get(i)));
    }
    db.putAll(entries);
  }

  @Override
  public boolean isOrdered() { return true; }

  @Override
  public void scan(byte[] from, int rows, RowVisitor visitor) {
    try (Cursor cursor = db.scan(Scan.range(from, null).limit(rows))) {
      while (cursor.hasNext()) {
        Entry row = cursor.next();
        visitor.row(row.key(), row.value());
      }
    }
  }

  @Override
  public void close() { db.close(); }
}
