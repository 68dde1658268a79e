package io.shale;

import io.shale.ConformanceStore.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Operations of the conformance suite that load what is missing. */
final class ConformanceLoads {
  private final Shale db;
  private long loads;

  ConformanceLoads(Shale db) { this.db = db; }

  /** Null: it is another operation. The rows are what happens while the key is loaded. */
  Outcome perform(ConformanceArgs args, List<ConformanceArgs> rows) {
    switch (args.verb) {
      case "load":
        return load(args, rows);
      case "multi-load":
        return multiLoad(args);
      default:
        return null;
    }
  }

  private Outcome load(ConformanceArgs args, List<ConformanceArgs> rows) {
    Outcome outcome = new Outcome();
    try {
      byte[] value = db.computeIfAbsent(args.bytes(0), key -> {
        loads++;
        rows.forEach(row -> new ConformanceKeys(db, false).perform(row));
        return made(args.plain.get(1));
      }, options(args));
      outcome = value != null ? outcome.with(value) : Outcome.of(StatusCode.NOT_FOUND);
    } catch (ShaleException e) {
      outcome = Outcome.of(e.code());
    } catch (ClosedException e) {
      outcome = Outcome.of(e.code());
    } catch (IllegalArgumentException e) {
      outcome = Outcome.of(StatusCode.E_INVALID);
    }
    return outcome.with(loads);
  }

  private Outcome multiLoad(ConformanceArgs args) {
    List<byte[]> keys = new ArrayList<>();
    Map<String, ConformanceWord> loadable = new HashMap<>();
    for (int i = 0; i < args.plain.size(); i += 2) {
      keys.add(args.bytes(i));
      loadable.put(text(args.bytes(i)), args.plain.get(i + 1));
    }
    Outcome outcome = new Outcome();
    try {
      List<byte[]> values = db.computeAllIfAbsent(keys, missing -> {
        List<byte[]> made = new ArrayList<>();
        for (byte[] key : missing) {
          loads++;
          made.add(made(loadable.get(text(key))));
        }
        return made;
      }, options(args));
      for (byte[] value : values) {
        outcome.with(value != null ? ConformanceWord.bytes(value) : ConformanceWord.word("nil"));
      }
    } catch (ShaleException e) {
      outcome = Outcome.of(e.code());
    }
    return outcome.with(loads);
  }

  private static byte[] made(ConformanceWord what) {
    if (what.is("fail")) {
      throw new ShaleException(StatusCode.CANCELLED, "the loader failed", 0, -1);
    }
    return what.bytes;
  }

  private static String text(byte[] bytes) { return new String(bytes, StandardCharsets.ISO_8859_1); }

  private static LoadOptions options(ConformanceArgs args) {
    WriteOptions write = ConformanceArgs.withTtl(WriteOptions.DEFAULT, args.named.get("ttl"));
    write = args.flags.contains("sync") ? write.sync() : write;
    write = args.flags.contains("write-around") ? write.writeAround() : write;
    LoadOptions options = LoadOptions.DEFAULT.write(write);
    options = args.flags.contains("stale-ok") ? options.staleOk() : options;
    ConformanceWord missing = args.named.get("missing");
    options = missing != null ? options.rememberMissing(Duration.ofMillis(missing.number)) : options;
    ConformanceWord hold = args.named.get("hold");
    options = hold != null ? options.holdFor(Duration.ofMillis(hold.number)) : options;
    ConformanceWord wait = args.named.get("wait");
    return wait != null ? options.waitAtMost(Duration.ofMillis(wait.number)) : options;
  }
}
