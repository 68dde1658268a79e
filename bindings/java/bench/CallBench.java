import io.shale.Shale;
import io.shale.ShaleBuilder;
import io.shale.ShaleLibrary;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntUnaryOperator;

/**
 * What a call from Java costs beside the same call from C: 16-byte keys, 100-byte values, in memory. Prints
 * samples for bindings/bench/report; a measure of Java stands between two of C, so that both meet the same
 * machine. A native call that does next to nothing has a row of its own.
 *
 * <p>Usage: CallBench PATH-OF-c_calls [ROUNDS]
 */
final class CallBench {
  private static final int KEYS = 10_000;
  private static final int VALUE_BYTES = 100;
  private static final int GROUP = 100;
  private static final int BIG_KEYS = 64;
  private static final int BIG_BYTES = 65_536;
  private static final int WARM_UP_ROUNDS = 40;

  /** Keys are visited in this stride, as the C program does. */
  private static final int STRIDE = 7919;

  private final PrintStream toC;
  private final BufferedReader fromC;
  private final byte[][] keys = new byte[KEYS][];
  private final byte[][] bigKeys = new byte[BIG_KEYS][];
  private final List<List<byte[]>> groups = new ArrayList<>();
  private final byte[] value = new byte[VALUE_BYTES];
  private final byte[] array = new byte[BIG_BYTES];
  private final ByteBuffer direct = ByteBuffer.allocateDirect(BIG_BYTES);
  private final ByteBuffer[] directKeys = new ByteBuffer[BIG_KEYS];

  /** Keeps the compiler from dropping what is measured. */
  private long seen;

  /** Whether samples are printed: not while the compiler of the virtual machine still works. */
  private boolean warm;

  private CallBench(Process c) {
    toC = new PrintStream(c.getOutputStream(), true, StandardCharsets.US_ASCII);
    fromC = new BufferedReader(new InputStreamReader(c.getInputStream(), StandardCharsets.US_ASCII));
  }

  public static void main(String[] args) throws Exception {
    int roundCount = args.length > 1 ? Integer.parseInt(args[1]) : 151;
    Process c = new ProcessBuilder(args[0], "" + KEYS, "" + VALUE_BYTES)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
    CallBench bench = new CallBench(c);
    ShaleBuilder builder = Shale.inMemoryBuilder().memory("512MiB");
    try (Shale db = builder.open()) {
      bench.fill(db);
      for (int round = -WARM_UP_ROUNDS; round < roundCount; round++) {
        bench.warm = round >= 0;
        bench.shortRound(db);
      }
      for (int round = -WARM_UP_ROUNDS; round < roundCount; round++) {
        bench.warm = round >= 0;
        bench.longRound(db);
      }
    }
    bench.toC.close();
    System.err.println("bytes seen: " + bench.seen);
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

  private void shortRound(Shale db) throws IOException {
    measure("a native call that does little", null, KEYS, 1, i -> ShaleLibrary.versionNumber());
    measure("get", "get", KEYS, 1, i -> db.get(keys[i % KEYS]).length);
    measure("get into an array", "get", KEYS, 1, i -> db.get(keys[i % KEYS], array));
    measure("put", "put", KEYS / 2, 1, i -> put(db, keys[i % KEYS]));
    measure("getAll of 100, a key", "multi_get_100_per_key", KEYS / GROUP, GROUP, i -> getAll(db, i));
  }

  /** Long values apart: what the collector does about them would be counted with the short ones. */
  private void longRound(Shale db) throws IOException {
    measure("get 64 KiB as byte[]", "get_64k", 500, 1, i -> db.get(bigKeys[i % BIG_KEYS]).length);
    measure("get 64 KiB into an array", "get_64k", 500, 1, i -> db.get(bigKeys[i % BIG_KEYS], array));
    measure("get 64 KiB into a direct buffer", "get_64k", 500, 1,
        i -> db.get(directKeys[i % BIG_KEYS], direct.clear()));
    measure("read 64 KiB without a copy", null, 500, 1,
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

  /** Runs twice, of which the first time warms up, and asks C before and after. */
  private void measure(String name, String nameInC, int calls, int perCall, IntUnaryOperator call)
      throws IOException {
    double before = nameInC != null ? askC(nameInC) : 0;
    run(calls, call);
    double ns = (double) run(calls, call) / calls / perCall;
    String inC = nameInC != null ? String.format(Locale.ROOT, "%.1f", (before + askC(nameInC)) / 2) : "-";
    if (warm) {
      System.out.printf(Locale.ROOT, "%s\t%.1f\t%s%n", name, ns, inC);
    }
  }

  private double askC(String name) throws IOException {
    toC.println(name);
    String answer = fromC.readLine();
    if (answer == null) {
      throw new IOException("the program in C has ended");
    }
    return Double.parseDouble(answer);
  }

  private long run(int calls, IntUnaryOperator call) {
    long start = System.nanoTime();
    long bytes = 0;
    for (int i = 0, at = 0; i < calls; i++, at += STRIDE) {
      bytes += call.applyAsInt(at & 0x7fffffff);
    }
    long took = System.nanoTime() - start;
    seen += bytes;
    return took;
  }
}
