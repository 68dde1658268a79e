package peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksIterator;
import org.rocksdb.RocksObject;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** RocksJava: half of the budget is the block cache, half are four memtables of at most 64 MiB; bloom filters of 10 bits. */
final class EngineRocks implements Engine {
  static final Kind KIND = new Kind("rocksjava", () -> Versions.of("rocksdbjni"), false, EngineRocks::new);

  private final List<RocksObject> owned = new ArrayList<>();
  private final RocksDB db;
  private final WriteOptions write = own(new WriteOptions());
  private final ReadOptions read = own(new ReadOptions());

  static {
    RocksDB.loadLibrary();
  }

  private EngineRocks(Peers.Request request, String durability) throws Exception {
    long budget = request.budgetMib() << 20;
    BlockBasedTableConfig table = new BlockBasedTableConfig().setBlockCache(own(new LRUCache(budget / 2)))
        .setFilterPolicy(own(new BloomFilter(10, false)));
    Options options = own(new Options()).setCreateIfMissing(true).setCompressionType(CompressionType.NO_COMPRESSION)
        .setWriteBufferSize(Math.min(64 << 20, budget / 8)).setMaxWriteBufferNumber(4).setTableFormatConfig(table)
        .setMaxBackgroundJobs(Math.max(2, Runtime.getRuntime().availableProcessors()));
    write.setSync(durability.equals("sync")).setDisableWAL(durability.equals("none"));
    db = RocksDB.open(options, Path.of(request.dir(), "rocksjava").toString());
  }

  private <T extends RocksObject> T own(T object) {
    owned.add(object);
    return object;
  }

  @Override
  public void put(Object key, byte[] value) throws Exception { db.put(write, (byte[]) key, value); }

  @Override
  public int get(Object key, Access a) throws Exception {
    a.seen = a.room;
    int length = db.get(read, (byte[]) key, a.room);
    return length == RocksDB.NOT_FOUND ? -1 : length;
  }

  @Override
  public void load(List<byte[]> keys, List<byte[]> values) throws Exception {
    try (WriteBatch batch = new WriteBatch()) {
      for (int i = 0; i < keys.size(); i++) {
        batch.put(keys.get(i), values.get(i));
      }
      db.write(write, batch);
    }
  }

  @Override
  public boolean isOrdered() { return true; }

  @Override
  public void scan(byte[] from, int rows, RowVisitor visitor) throws Exception {
    try (RocksIterator it = db.newIterator(read)) {
      it.seek(from);
      for (int i = 0; i < rows && it.isValid(); i++, it.next()) {
        visitor.row(it.key(), it.value());
      }
      it.status();
    }
  }

  @Override
  public void close() throws Exception {
    db.closeE();
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).close();
    }
  }
}
