package io.shale;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The words of an operation of the conformance suite, sorted: plain ones, flags, and arguments with a name.
 */
final class ConformanceArgs {
  private static final Set<String> FLAGS = Set.of(
      "cache-only", "no-fill", "if-absent", "if-present", "sync", "reverse", "keys-only", "write-around",
      "stale-ok");

  final String verb;
  final List<ConformanceWord> plain = new ArrayList<>();
  final Set<String> flags = new HashSet<>();
  final Map<String, ConformanceWord> named = new HashMap<>();

  ConformanceArgs(List<ConformanceWord> words, Map<String, ConformanceWord> variables) {
    verb = words.get(0).text;
    for (ConformanceWord raw : words.subList(1, words.size())) {
      ConformanceWord word = raw;
      if (raw.kind == ConformanceWord.Kind.VARIABLE) {
        word = variables.get(raw.text);
        if (word == null) {
          throw new IllegalStateException("$" + raw.text + " is not bound");
        }
        word = word.named(raw.name);
      }
      if (word.name != null) {
        named.put(word.name, word);
      } else if (word.kind == ConformanceWord.Kind.WORD && FLAGS.contains(word.text)) {
        flags.add(word.text);
      } else {
        plain.add(word);
      }
    }
  }

  byte[] bytes(int at) { return plain.get(at).bytes; }

  long number(int at) { return plain.get(at).number; }

  byte[] bytes(String name) {
    ConformanceWord word = named.get(name);
    return word != null ? word.bytes : null;
  }

  /** The time to live that a word says: milliseconds, default, never or keep. */
  static WriteOptions withTtl(WriteOptions options, ConformanceWord ttl) {
    if (ttl == null || ttl.is("default")) {
      return options;
    }
    if (ttl.is("never")) {
      return options.ttl(Shale.FOREVER);
    }
    return ttl.is("keep") ? options.keepTtl() : options.ttl(Duration.ofMillis(ttl.number));
  }

  WriteOptions writeOptions() {
    WriteOptions options = withTtl(WriteOptions.DEFAULT, named.get("ttl"));
    for (String flag : flags) {
      switch (flag) {
        case "if-absent":
          options = options.ifAbsent();
          break;
        case "if-present":
          options = options.ifPresent();
          break;
        case "sync":
          options = options.sync();
          break;
        case "write-around":
          options = options.writeAround();
          break;
        default:
          throw new IllegalStateException("a write takes no " + flag);
      }
    }
    return options;
  }

  ReadOptions readOptions() {
    ReadOptions options = ReadOptions.DEFAULT;
    options = flags.contains("cache-only") ? options.cacheOnly() : options;
    return flags.contains("no-fill") ? options.noFill() : options;
  }

  KeyRange keyRange() {
    return named.containsKey("prefix") ? KeyRange.prefix(bytes("prefix"))
                                       : KeyRange.between(bytes("from"), bytes("to"));
  }

  Scan scan() {
    Scan scan =
        named.containsKey("prefix") ? Scan.prefix(bytes("prefix")) : Scan.range(bytes("from"), bytes("to"));
    scan = named.containsKey("limit") ? scan.limit(named.get("limit").number) : scan;
    scan = flags.contains("reverse") ? scan.reverse() : scan;
    return flags.contains("keys-only") ? scan.keysOnly() : scan;
  }
}
