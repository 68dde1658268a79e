package io.shale;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Verbs of the conformance suite on ranges of keys as wholes, and on snapshots. */
final class ConformanceRanges {
  private final Map<String, Snapshot> snapshots = new HashMap<>();

  /** Null: it is another operation. */
  ConformanceStore.Outcome perform(ConformanceArgs args, ConformanceStore store) {
    return args.verb.startsWith("snapshot") ? performOnSnapshot(args, store) : performOnRange(args, store.db());
  }

  void close() { snapshots.values().forEach(Snapshot::close); }

  private static ConformanceStore.Outcome performOnRange(ConformanceArgs args, Shale db) {
    ConformanceStore.Outcome done = new ConformanceStore.Outcome();
    switch (args.verb) {
      case "delete-range":
        db.deleteRange(args.keyRange(), args.writeOptions());
        return done;
      case "count":
        return extent(db.count(args.keyRange(), (at, total) -> at >= 0 && at <= total));
      case "estimate":
        return extent(db.estimate(args.keyRange()));
      case "compact":
        db.compact(args.keyRange(), null);
        return done;
      default:
        return null;
    }
  }

  private static ConformanceStore.Outcome extent(Extent extent) {
    return new ConformanceStore.Outcome().with(extent.keys()).with(extent.bytes());
  }

  private ConformanceStore.Outcome performOnSnapshot(ConformanceArgs args, ConformanceStore store) {
    ConformanceStore.Outcome done = new ConformanceStore.Outcome();
    String name = args.plain.get(0).text;
    Snapshot snapshot = snapshots.get(name);
    switch (args.verb) {
      case "snapshot":
        snapshots.put(name, store.db().snapshot());
        return done;
      case "snapshot-get":
        return get(snapshot, args.bytes(1));
      case "snapshot-multi-get":
        List<byte[]> keys =
            args.plain.stream().skip(1).map(word -> word.bytes).collect(Collectors.toList());
        for (byte[] value : snapshot.getAll(keys)) {
          done.with(value != null ? ConformanceWord.bytes(value) : ConformanceWord.word("nil"));
        }
        return done;
      case "snapshot-scan":
        return store.scan(args, snapshot::stream);
      case "snapshot-iter":
        return store.keep(args.plain.get(1).text, args, snapshot.scan(args.scan().resumable()));
      case "snapshot-resume":
        return store.keep(args.plain.get(1).text, args, snapshot.resume(args.bytes(2)));
      case "snapshot-free":
        snapshots.remove(name).close();
        return done;
      default:
        return null;
    }
  }

  private static ConformanceStore.Outcome get(Snapshot snapshot, byte[] key) {
    byte[] value = snapshot.get(key);
    byte[] again = snapshot.getVersioned(key).map(Versioned::value).orElse(null);
    if (!Arrays.equals(value, again) || snapshot.containsKey(key) != (value != null)) {
      throw new IllegalStateException("the forms of a get differ");
    }
    return value != null ? new ConformanceStore.Outcome().with(value)
                         : ConformanceStore.Outcome.of(StatusCode.NOT_FOUND);
  }
}
