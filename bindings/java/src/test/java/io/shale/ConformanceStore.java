package io.shale;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One run of a case of the conformance suite: a fresh store, and what its operations learn. Reads and writes
 * of keys are in {@link ConformanceKeys}.
 */
final class ConformanceStore implements AutoCloseable {
  /** What an operation learned. */
  static final class Outcome {
    int status = StatusCode.OK;
    final List<ConformanceWord> results = new ArrayList<>();

    /** Rows of a scan, null if it was none. */
    List<List<ConformanceWord>> rows;

    static Outcome of(int status) {
      Outcome outcome = new Outcome();
      outcome.status = status;
      return outcome;
    }

    Outcome with(ConformanceWord word) {
      results.add(word);
      return this;
    }

    Outcome with(byte[] bytes) { return with(ConformanceWord.bytes(bytes)); }

    Outcome with(long number) { return with(ConformanceWord.number(number)); }
  }

  private final Map<String, ConformanceWord> options;
  private final Map<String, Cursor> cursors = new HashMap<>();
  private final Map<String, Boolean> keysOnly = new HashMap<>();
  private final ConformanceRanges ranges = new ConformanceRanges();

  /** Null: in memory. */
  private final Path directory;

  /** Every operation in its plain form, or in the one with buffers and packed rows. */
  private final boolean otherForm;

  private Shale db;

  ConformanceStore(Map<String, ConformanceWord> options, boolean disk, boolean otherForm) throws IOException {
    this.options = options;
    this.otherForm = otherForm;
    Path fast = Path.of("/dev/shm");
    if (!disk) {
      directory = null;
    } else if (Files.isWritable(fast)) {
      directory = Files.createTempDirectory(fast, "shale-conformance-");
    } else {
      directory = Files.createTempDirectory("shale-conformance-");
    }
    db = open(Map.of());
  }

  private Shale open(Map<String, ConformanceWord> more) {
    ShaleBuilder builder = directory != null ? Shale.builder(directory) : Shale.inMemoryBuilder();
    builder.memory("16MiB");
    options.forEach((name, value) -> builder.option(name, text(value)));
    more.forEach((name, value) -> builder.option(name, text(value)));
    return builder.open();
  }

  private static String text(ConformanceWord word) {
    return new String(word.bytes, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    db.close();
    ranges.close();
    cursors.values().forEach(
        Cursor::close);   // after their store, which is the order that is easily got wrong
    if (directory != null) {
      Shale.destroy(directory);
      Files.deleteIfExists(directory);
    }
  }

  Outcome perform(ConformanceArgs args, List<ConformanceArgs> rows) throws InterruptedException {
    try {
      Outcome done = performOnStore(args, rows);
      done = done != null ? done : performTool(args);
      done = done != null ? done : ConformanceBackups.perform(args, db, directory);
      done = done != null ? done : ranges.perform(args, this);
      done = done != null ? done : new ConformanceLoads(db).perform(args, rows);
      return done != null ? done : new ConformanceKeys(db, otherForm).perform(args);
    } catch (ShaleException e) {
      return Outcome.of(e.code());
    } catch (ClosedException e) {
      return Outcome.of(e.code());
    } catch (IllegalArgumentException e) {
      return Outcome.of(StatusCode.E_INVALID);
    }
  }

  /** Null: it is an operation on keys. */
  private Outcome performOnStore(ConformanceArgs args, List<ConformanceArgs> rows)
      throws InterruptedException {
    Outcome done = new Outcome();
    switch (args.verb) {
      case "batch":
        db.write(batchOf(rows), args.writeOptions());
        return done;
      case "scan":
        return scan(args, db::stream);
      case "iter":
        return keep(args.plain.get(0).text, args, db.scan(args.scan().resumable()));
      case "resume":
        return keep(args.plain.get(0).text, args, db.resume(args.bytes(1)));
      case "next":
        return next(args.plain.get(0).text);
      case "rows":
        done.rows = rest(args.plain.get(0).text);
        return done;
      case "token":
        return done.with(cursor(args.plain.get(0).text).token());
      case "free":
        cursors.remove(args.plain.get(0).text).close();
        return done;
      case "flush":
        db.flush();
        return done;
      case "sync":
        db.sync();
        return done;
      case "stat":
        return named(() -> done.with(db.stat(text(args.plain.get(0)))));
      case "option":
        return named(
            () -> done.with(db.option(text(args.plain.get(0))).getBytes(StandardCharsets.ISO_8859_1)));
      case "shard-state":
        return done.with(db.shardState((int) args.number(0)).ordinal());
      case "close":
        db.close();
        return done;
      case "reopen":
        db.close();
        db = open(args.named);
        return done;
      case "open-again":
        open(args.named).close();
        return done;
      case "destroy":
        return Outcome.of(Shale.destroy(directory) ? StatusCode.OK : StatusCode.NOT_FOUND);
      case "sleep-ms":
        Thread.sleep(args.number(0));
        return done;
      default:
        return null;
    }
  }

  /** Administration. Null: it is another operation. */
  private Outcome performTool(ConformanceArgs args) {
    Outcome done = new Outcome();
    switch (args.verb) {
      case "set-option":
        db.setOption(text(args.plain.get(0)), text(args.plain.get(1)));
        return done;
      case "prometheus":
        return prometheus(text(args.plain.get(0)));
      case "removals":
        return removals();
      case "reclaim":
        db.reclaim(null);
        return done;
      case "verify":
        long[] calls = new long[1];
        VerifyReport report = Shale.verify(directory, (at, total) -> ++calls[0] > 0 && at <= total);
        if (calls[0] == 0 || report.json().contains("\"good\":true") != (report.problems() == 0)) {
          throw new IllegalStateException(calls[0] + " calls, report " + report);
        }
        return done.with(report.problems());
      case "salvage":
        return salvage();
      default:
        return null;
    }
  }

  private Outcome prometheus(String name) {
    for (String line : db.prometheus().split("\n")) {
      if (line.startsWith(name + " ")) {
        return new Outcome().with((long) Double.parseDouble(line.substring(name.length() + 1)));
      }
    }
    return Outcome.of(StatusCode.NOT_FOUND);
  }

  private Outcome removals() {
    Outcome done = new Outcome();
    done.rows = new ArrayList<>();
    for (Removals some = db.pollRemovals(); !some.list().isEmpty(); some = db.pollRemovals()) {
      for (Removals.Removal removal : some.list()) {
        byte[] reason =
            removal.reason().name().toLowerCase(java.util.Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
        done.rows.add(List.of(ConformanceWord.bytes(removal.key()), ConformanceWord.bytes(reason)));
      }
    }
    return done;
  }

  private Outcome salvage() {
    Path saved = directory.resolveSibling(directory.getFileName() + ".saved");
    SalvageReport report = Shale.salvage(directory, saved, null);
    if (!Shale.destroy(saved)) {
      throw new IllegalStateException("there is no store in " + saved);
    }
    return new Outcome().with(report.recovered()).with(report.suspicious()).with(report.dropped());
  }

  private static Outcome named(java.util.function.Supplier<Outcome> call) {
    try {
      return call.get();
    } catch (NoSuchElementException e) {
      return Outcome.of(StatusCode.NOT_FOUND);
    }
  }

  private static WriteBatch batchOf(List<ConformanceArgs> rows) {
    WriteBatch batch = new WriteBatch();
    for (ConformanceArgs row : rows) {
      if (row.verb.equals("put")) {
        batch.put(row.bytes(0), row.bytes(1), row.writeOptions());
      } else {
        batch.delete(row.bytes(0));
      }
    }
    return batch;
  }

  private Cursor cursor(String name) {
    Cursor cursor = cursors.get(name);
    if (cursor == null) {
      throw new IllegalStateException("there is no iterator " + name);
    }
    return cursor;
  }

  Shale db() { return db; }

  Outcome keep(String name, ConformanceArgs args, Cursor cursor) {
    if (cursors.put(name, cursor) != null) {
      throw new IllegalStateException("iterator " + name + " is there already");
    }
    keysOnly.put(name, args.flags.contains("keys-only"));
    return new Outcome();
  }

  private Outcome next(String name) {
    try {
      Outcome outcome = new Outcome();
      outcome.results.addAll(row(cursor(name).next(), keysOnly.get(name)));
      return outcome;
    } catch (NoSuchElementException e) {
      return Outcome.of(StatusCode.END);
    }
  }

  private List<List<ConformanceWord>> rest(String name) {
    List<List<ConformanceWord>> rows = new ArrayList<>();
    cursor(name).forEachRemaining(entry -> rows.add(row(entry, keysOnly.get(name))));
    return rows;
  }

  Outcome scan(ConformanceArgs args, Function<Scan, Stream<Entry>> source) {
    Outcome outcome = new Outcome();
    boolean keys = args.flags.contains("keys-only");
    Scan scan = otherForm ? args.scan() : args.scan().resumable();
    try (Stream<Entry> rows = source.apply(scan)) {
      outcome.rows = rows.map(entry -> row(entry, keys)).collect(Collectors.toList());
    }
    return outcome;
  }

  private static List<ConformanceWord> row(Entry entry, boolean keysOnly) {
    if (!keysOnly) {
      return List.of(ConformanceWord.bytes(entry.key()), ConformanceWord.bytes(entry.value()));
    }
    if (entry.value().length != 0) {
      throw new IllegalStateException("a value in a scan of keys only");
    }
    return List.of(ConformanceWord.bytes(entry.key()));
  }
}
