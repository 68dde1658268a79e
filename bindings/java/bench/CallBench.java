import io.shale.Shale;
import io.shale.ShaleBuilder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * What a call from Java costs beside the same call from C: 16-byte keys, 100-byte values, in memory. Rounds
 * of both sides alternate, so that they meet the same machine; each figure is the median of the rounds.
 *
 * <p>Usage: CallBench PATH-OF-c_calls [ROUNDS]
 */
final class CallBench {
  private static final int KEYS = 10_000;
  private static final int VALUE_BYTES = 100;
  private static final int GROUP = 100;
  private static final int BIG_KEYS = 64;
  private static final int BIG_BYTES = 65_536;

  /** Keys are visited in this stride, as the C program does. */
  private static final int STRIDE = 7919;

  private final Map<String, List<Double>> rounds = new HashMap<>();
  private final byte[][] keys = new byte[KEYS][];
  private final byte[][] bigKeys = new byte[BIG_KEYS][];
  private final List<List<byte[]>> groups = new ArrayList<>();
  private final byte[] value = new byte[VALUE_BYTES];
  private final byte[] array = new byte[BIG_BYTES];
  private final ByteBuffer direct = ByteBuffer.allocateDirect(BIG_BYTES);
  private final ByteBuffer[] directKeys = new ByteBuffer[BIG_KEYS];

  /** Keeps the compiler from dropping what is measured. */
  private long seen;

  public static void main(String[] args) throws Exception {
    CallBench bench = new CallBench();
    int roundCount = args.length > 1 ? Integer.parseInt(args[1]) : 21;
    ShaleBuilder builder = Shale.inMemoryBuilder().memory("512MiB");
    try (Shale db = builder.open()) {
      bench.fill(db);
      for (int i = 0; i < 8; i++) {
        bench.javaRound(db);   // warms up
      }
      bench.rounds.clear();
      for (int round = 0; round < roundCount; round++) {
        bench.cRound(args[0]);
        bench.javaRound(db);
      }
    }
    bench.report(roundCount);
  }

  private void fill(Shale db) {
    for (int i = 0; i < KEYS; i++) {
      keys[i] = String.format("key%013d", i).getBytes(StandardCharsets.US_ASCII);
      db.put(keys[i], value);
    }
    for (int i = 0; i < BIG_KEYS; i++) {
      bigKeys[i] = String.format("big%013d", i).getBytes(StandardCharsets.US_ASCII);
      directKeys[i] = ByteBuffer.allocateDirect(bigKeys[i].length).put(bigKeys[i]).flip();
      db.put(bigKeys[i], new byte[BIG_BYTES]);
    }
    for (int i = 0; i < KEYS / GROUP; i++) {
      List<byte[]> group = new ArrayList<>();
      for (int k = 0; k < GROUP; k++) {
        group.add(keys[(int) ((i + (long) k * STRIDE) % KEYS)]);
      }
      groups.add(group);
    }
  }

  private void javaRound(Shale db) {
    measure("java get", 100_000, 1, i -> db.get(keys[i % KEYS]).length);
    measure("java get into an array", 100_000, 1, i -> db.get(keys[i % KEYS], array));
    measure("java put", 50_000, 1, i -> put(db, keys[i % KEYS]));
    measure("java getAll of 100, per key", 1_000, GROUP, i -> getAll(db, i));
    measure("java get 64 KiB as byte[]", 5_000, 1, i -> db.get(bigKeys[i % BIG_KEYS]).length);
    measure("java get 64 KiB into an array", 5_000, 1, i -> db.get(bigKeys[i % BIG_KEYS], array));
    measure("java get 64 KiB into a direct buffer", 5_000, 1,
        i -> db.get(directKeys[i % BIG_KEYS], direct.clear()));
    measure("java read 64 KiB without a copy", 5_000, 1,
        i -> db.read(bigKeys[i % BIG_KEYS], v -> v.get(i % BIG_BYTES)));
  }

  private int put(Shale db, byte[] key) {
    db.put(key, value);
    return 1;
  }

  private int getAll(Shale db, int i) {
    int bytes = 0;
    for (byte[] found : db.getAll(groups.get(i % groups.size()))) {
      bytes += found.length + found[0];
    }
    return bytes;
  }

  private void measure(String name, int calls, int perCall, IntUnaryOperator call) {
    long start = System.nanoTime();
    long bytes = 0;
    for (int i = 0, at = 0; i < calls; i++, at += STRIDE) {
      bytes += call.applyAsInt(at & 0x7fffffff);
    }
    double ns = (double) (System.nanoTime() - start) / calls / perCall;
    seen += bytes;
    rounds.computeIfAbsent(name, n -> new ArrayList<>()).add(ns);
  }

  /** One short run of the C side; it warms up by itself. */
  private void cRound(String program) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(program, "" + KEYS, "" + VALUE_BYTES, "1")
                                 .redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        rounds.computeIfAbsent("c " + words[0], n -> new ArrayList<>()).add(Double.parseDouble(words[1]));
      }
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException(program + " failed");
    }
  }

  private double median(String name) {
    Double[] sorted = rounds.get(name).toArray(new Double[0]);
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Median, and in brackets the least: on a busy machine the one that was disturbed least. */
  private void row(String name, String cName) {
    double ns = median(name);
    String line =
        String.format("%-38s %7.0f ns (%.0f)", name.substring(5), ns, Collections.min(rounds.get(name)));
    if (cName != null) {
      double c = median("c " + cName);
      double least = Collections.min(rounds.get("c " + cName));
      line += String.format("   C %6.0f ns (%.0f)   + %5.0f ns, %.2f times", c, least, ns - c, ns / c);
    }
    System.out.println(line);
  }

  private void report(int roundCount) {
    System.out.printf("Java beside C, in memory, median of %d rounds (least)%n", roundCount);
    row("java get", "get");
    row("java get into an array", "get");
    row("java put", "put");
    row("java getAll of 100, per key", "multi_get_100_per_key");
    row("java get 64 KiB as byte[]", "get_64k");
    row("java get 64 KiB into an array", "get_64k");
    row("java get 64 KiB into a direct buffer", "get_64k");
    row("java read 64 KiB without a copy", null);
    goal("get costs at most 200 ns more than C", median("java get") - median("c get"), 200, "ns more");
    goal("getAll costs at most 2 times C per key",
        median("java getAll of 100, per key") / median("c multi_get_100_per_key"), 2, "times");
    double times = median("java get 64 KiB as byte[]") / median("java get 64 KiB into a direct buffer");
    System.out.printf("%-4s a direct buffer is at least 3 times faster than byte[] at 64 KiB: %.2f times%n",
        times >= 3 ? "met" : "MISS", times);
    System.err.println("bytes seen: " + seen);
  }

  private static void goal(String what, double figure, double most, String unit) {
    System.out.printf("%-4s %s: %.2f %s%n", figure <= most ? "met" : "MISS", what, figure, unit);
  }
}
