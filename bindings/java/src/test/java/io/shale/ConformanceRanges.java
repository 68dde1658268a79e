package io.shale;

/** Verbs of the conformance suite on ranges of keys as wholes. */
final class ConformanceRanges {
  private final Shale db;

  ConformanceRanges(Shale db) { this.db = db; }

  /** Null: it is another operation. */
  ConformanceStore.Outcome perform(ConformanceArgs args) {
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
}
