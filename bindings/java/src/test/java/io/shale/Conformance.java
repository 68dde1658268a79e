package io.shale;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs the conformance suite, which all languages share, against this binding. Each case runs in two forms:
 * with arrays and row by row, and with buffers and packed rows. Prints one line a case and kind, and exits
 * with 1 if one failed.
 *
 * <p>Usage: Conformance DIRECTORY
 */
final class Conformance {
  /** A line of a case, with its number. */
  private record Line(int number, String text) {}

  private record Case(
      String file, String title, String stores, Map<String, ConformanceWord> options, List<Line> lines) {}

  /** What went wrong, and in which line. */
  private static final class Mismatch extends Exception {
    private static final long serialVersionUID = 1;

    Mismatch(int line, String expected, String got) {
      super(line + ": expected " + expected + ", got " + got);
    }
  }

  private int cases;
  private int failures;

  public static void main(String[] args) throws Exception {
    Conformance all = new Conformance();
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      for (Path file :
          files.filter(f -> f.toString().endsWith(".txt")).sorted().collect(Collectors.toList())) {
        for (Case one : read(file)) {
          all.runKinds(one);
        }
      }
    }
    if (all.cases == 0) {
      System.out.println("FAIL conformance: there is no case in " + args[0]);
    }
    System.exit(all.failures > 0 || all.cases == 0 ? 1 : 0);
  }

  private static List<Case> read(Path file) throws IOException {
    List<Case> cases = new ArrayList<>();
    Case open = null;
    int number = 0;
    for (String text : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
      number++;
      if (text.startsWith("== ")) {
        open = new Case(file.getFileName().toString(), text.substring(3), "both", new LinkedHashMap<>(),
            new ArrayList<>());
        cases.add(open);
      } else if (text.startsWith("store: ")) {
        open = new Case(open.file, open.title, text.substring(7), open.options, open.lines);
        cases.set(cases.size() - 1, open);
      } else if (text.startsWith("option: ")) {
        List<ConformanceWord> words = ConformanceWord.split(text.substring(8));
        open.options.put(words.get(0).text, words.get(1));
      } else if (!text.isEmpty() && !text.startsWith("#")) {
        open.lines.add(new Line(number, text));
      }
    }
    return cases;
  }

  private void runKinds(Case one) {
    for (String kind : one.stores.equals("both") ? List.of("memory", "disk") : List.of(one.stores)) {
      String name = "conformance: " + one.file + ": " + one.title + " (" + kind + ")";
      cases++;
      try {
        boolean disk = kind.equals("disk");
        boolean other = cases % 2 == 0;
        run(one, disk, other);
        if (!disk) {   // on a disk the forms take turns: opening a store takes longer than the rest
          run(one, false, !other);
        }
        System.out.println("ok " + name);
      } catch (Mismatch e) {
        failures++;
        System.out.println("FAIL " + name + ": " + one.file + ":" + e.getMessage());
      } catch (Exception e) {
        failures++;
        System.out.println("FAIL " + name + ": " + one.file + ": " + e);
      }
    }
  }

  private static void run(Case one, boolean disk, boolean otherForm) throws Exception {
    Map<String, ConformanceWord> variables = new HashMap<>();
    try (ConformanceStore store = new ConformanceStore(one.options, disk, otherForm)) {
      for (int i = 0; i < one.lines.size();) {
        Line line = one.lines.get(i++);
        List<Line> rows = new ArrayList<>();
        while (i < one.lines.size() && one.lines.get(i).text.startsWith("  ")) {
          rows.add(one.lines.get(i++));
        }
        perform(store, line, rows, variables);
      }
    }
  }

  private static void perform(ConformanceStore store, Line line, List<Line> rows,
      Map<String, ConformanceWord> variables) throws Exception {
    List<ConformanceWord> words = ConformanceWord.split(line.text);
    List<ConformanceWord> wanted = List.of(ConformanceWord.word("OK"));
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).is("->")) {
        wanted = words.subList(i + 1, words.size());
        words = words.subList(0, i);
      }
    }
    ConformanceArgs args = new ConformanceArgs(words, variables);
    List<ConformanceArgs> batch = new ArrayList<>();
    if (args.verb.equals("batch") || args.verb.equals("load")) {
      for (Line row : rows) {
        batch.add(new ConformanceArgs(ConformanceWord.split(row.text), variables));
      }
    }
    ConformanceStore.Outcome outcome = store.perform(args, batch);
    compare(line.number, wanted, outcome, variables);
    if (outcome.rows != null) {
      compareRows(line.number, rows, outcome.rows);
    }
  }

  private static void compare(int line, List<ConformanceWord> wanted, ConformanceStore.Outcome outcome,
      Map<String, ConformanceWord> variables) throws Mismatch {
    String status = StatusCode.name(outcome.status);
    String got = status + " " + outcome.results;
    if (!wanted.get(0).is(status)) {
      throw new Mismatch(line, wanted.toString(), got);
    }
    List<ConformanceWord> results = wanted.subList(1, wanted.size());
    int at = 0;
    for (int i = 0; i < results.size(); i++) {
      if (at >= outcome.results.size()) {
        throw new Mismatch(line, wanted.toString(), got);
      }
      ConformanceWord actual = outcome.results.get(at++);
      ConformanceWord expected = results.get(i);
      boolean same;
      if (expected.is("at-most")) {
        same = actual.number >= 1 && actual.number <= value(results.get(++i), variables).number;
      } else if (expected.is("above")) {
        same = actual.number > value(results.get(++i), variables).number;
      } else if (expected.kind == ConformanceWord.Kind.VARIABLE) {
        same = variables.computeIfAbsent(expected.text, name -> actual).equals(actual);
      } else {
        same = expected.equals(actual);
      }
      if (!same) {
        throw new Mismatch(line, wanted.toString(), got);
      }
    }
    if (!results.isEmpty() && at != outcome.results.size()) {
      throw new Mismatch(line, wanted.toString(), got);
    }
  }

  private static ConformanceWord value(ConformanceWord word, Map<String, ConformanceWord> variables) {
    return word.kind == ConformanceWord.Kind.VARIABLE ? variables.get(word.text) : word;
  }

  private static void compareRows(int line, List<Line> wanted, List<List<ConformanceWord>> rows)
      throws Mismatch {
    List<List<ConformanceWord>> expected = new ArrayList<>();
    wanted.forEach(row -> expected.add(ConformanceWord.split(row.text)));
    if (!expected.equals(rows)) {
      throw new Mismatch(line, expected.toString(), rows.toString());
    }
  }
}
