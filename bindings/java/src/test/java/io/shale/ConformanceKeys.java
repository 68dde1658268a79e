package io.shale;

import io.shale.ConformanceStore.Outcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Operations of the conformance suite on keys, each in two forms: with arrays, and with what else the class
 * offers.
 */
final class ConformanceKeys {
  private final Shale db;
  private final boolean otherForm;

  ConformanceKeys(Shale db, boolean otherForm) {
    this.db = db;
    this.otherForm = otherForm;
  }

  Outcome perform(ConformanceArgs args) {
    byte[] key = args.plain.isEmpty() ? null : args.bytes(0);
    switch (args.verb) {
      case "put":
        return put(args);
      case "get":
        return get(key, args);
      case "exists":
        return Outcome.of(db.containsKey(key, args.readOptions()) ? StatusCode.OK : StatusCode.NOT_FOUND);
      case "ttl":
        return ttl(db.ttl(key, args.readOptions()));
      case "version-of":
        return db.getVersioned(key)
            .map(found -> new Outcome().with(found.version()))
            .orElse(Outcome.of(StatusCode.NOT_FOUND));
      case "delete":
        return delete(key, args);
      case "get-and-set":
        byte[] old = db.getAndSet(key, args.bytes(1), args.writeOptions());
        return old != null ? new Outcome().with(old) : Outcome.of(StatusCode.NOT_FOUND);
      case "compare-and-set":
        return compared(key, db.compareAndSet(key, args.bytes(1), args.bytes(2), args.writeOptions()));
      case "compare-and-delete":
        return compared(key, db.compareAndDelete(key, args.bytes(1)));
      case "compare-version-and-set":
        return sameVersion(db.compareAndSet(key, version(args), args.bytes(2), args.writeOptions()));
      case "compare-version-and-delete":
        return sameVersion(db.compareAndDelete(key, version(args)));
      case "incr":
        return new Outcome().with(db.increment(key, args.number(1), args.writeOptions()));
      case "decr":
        return new Outcome().with(db.decrement(key, args.number(1), args.writeOptions()));
      case "expire":
        return found(db.expire(key, ConformanceArgs.withTtl(args.writeOptions(), args.plain.get(1))));
      case "persist":
        return found(db.persist(key));
      default:
        return performOnMany(args);
    }
  }

  private Outcome performOnMany(ConformanceArgs args) {
    List<byte[]> keys = new ArrayList<>();
    args.plain.forEach(word -> keys.add(word.bytes));
    switch (args.verb) {
      case "multi-get":
        return getAll(keys, args);
      case "multi-put":
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < keys.size(); i += 2) {
          entries.add(new Entry(keys.get(i), keys.get(i + 1)));
        }
        db.putAll(entries, args.writeOptions());
        return new Outcome();
      case "multi-delete":
        db.deleteAll(keys, args.writeOptions());
        return new Outcome();
      default:
        throw new IllegalStateException("there is no verb " + args.verb);
    }
  }

  private Outcome put(ConformanceArgs args) {
    WriteOptions options = args.writeOptions();
    boolean done = otherForm ? db.put(direct(args.bytes(0)), direct(args.bytes(1)), options)
                             : db.put(args.bytes(0), args.bytes(1), options);
    if (done) {
      return new Outcome();
    }
    return Outcome.of(args.flags.contains("if-absent") ? StatusCode.EXISTS : StatusCode.NOT_FOUND);
  }

  private Outcome delete(byte[] key, ConformanceArgs args) {
    if (otherForm && args.flags.isEmpty()) {
      db.delete(key);
      return new Outcome();
    }
    return found(db.delete(key, args.writeOptions()));
  }

  private Outcome get(byte[] key, ConformanceArgs args) {
    if (args.flags.contains("cache-only") && otherForm) {
      Peek peek = db.peek(key);
      return peek.kind() == Peek.Kind.WOULD_BLOCK ? Outcome.of(StatusCode.WOULD_BLOCK)
                                                  : answer(peek.value().orElse(null));
    }
    if (!args.flags.isEmpty() || !otherForm) {
      return answer(db.get(key, args.readOptions()));
    }
    byte[] value = db.get(key);
    List<byte[]> others = new ArrayList<>();
    others.add(db.find(key).orElse(null));
    others.add(db.getOrDefault(key, null));
    others.add(db.getVersioned(key).map(Versioned::value).orElse(null));
    others.add(db.read(key, ConformanceKeys::remaining));
    others.add(db.getAll(List.of(key)).get(0));
    others.add(intoArray(key, value));
    others.add(intoBuffer(key, value));
    for (byte[] other : others) {
      if (!Arrays.equals(value, other)) {
        throw new IllegalStateException(
            "two forms of get differ for a value of " + (value == null ? -1 : value.length));
      }
    }
    return answer(value);
  }

  private byte[] intoArray(byte[] key, byte[] value) {
    byte[] to = new byte[value != null ? value.length : 1];
    return db.get(key, to) == -1 ? null : to;
  }

  private byte[] intoBuffer(byte[] key, byte[] value) {
    ByteBuffer to = ByteBuffer.allocateDirect(value != null ? value.length : 1);
    int length = db.get(direct(key), to);
    return length == -1 ? null : remaining(to.flip());
  }

  private static byte[] remaining(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private Outcome getAll(List<byte[]> keys, ConformanceArgs args) {
    Outcome outcome = new Outcome();
    if (args.flags.contains("cache-only")) {
      for (Peek peek : db.peekAll(keys)) {
        boolean blocks = peek.kind() == Peek.Kind.WOULD_BLOCK;
        outcome.with(peek.value()
                         .map(ConformanceWord::bytes)
                         .orElse(ConformanceWord.word(blocks ? "would-block" : "nil")));
      }
      return outcome;
    }
    for (byte[] value : db.getAll(keys, args.readOptions())) {
      outcome.with(value != null ? ConformanceWord.bytes(value) : ConformanceWord.word("nil"));
    }
    return outcome;
  }

  private static Outcome answer(byte[] value) {
    return value != null ? new Outcome().with(value) : Outcome.of(StatusCode.NOT_FOUND);
  }

  private static Outcome found(boolean yes) { return Outcome.of(yes ? StatusCode.OK : StatusCode.NOT_FOUND); }

  private static Outcome sameVersion(boolean yes) {
    return Outcome.of(yes ? StatusCode.OK : StatusCode.MISMATCH);
  }

  /** A false of compareAndSet is either; whoever wants to know which asks for the key. */
  private Outcome compared(byte[] key, boolean yes) {
    return yes ? new Outcome() : Outcome.of(db.containsKey(key) ? StatusCode.MISMATCH : StatusCode.NOT_FOUND);
  }

  private static long version(ConformanceArgs args) {
    return args.plain.get(1).is("absent") ? Shale.VERSION_ABSENT : args.number(1);
  }

  private static Outcome ttl(Optional<Duration> ttl) {
    if (ttl.isEmpty()) {
      return Outcome.of(StatusCode.NOT_FOUND);
    }
    boolean never = ttl.get().equals(Shale.FOREVER);
    return new Outcome().with(
        never ? ConformanceWord.word("never") : ConformanceWord.number(ttl.get().toMillis()));
  }
}
