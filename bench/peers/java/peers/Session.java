package peers;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import org.HdrHistogram.Histogram;

/**
 * One engine that is open, and the rows measured on it. The row of the last phase is printed after the engine was closed,
 * because what it wrote while closing belongs to it.
 */
final class Session {
  private static final int ROWS_A_LOAD = 1000;
  private static final int LOADERS_MOST = 4;   // more only take memory for their groups

  final Peers.Request request;
  final Values values;
  Engine engine;
  private final Engine.Kind kind;
  private Row pending;

  private Session(Peers.Request request, Engine.Kind kind) {
    this.request = request;
    this.kind = kind;
    values = new Values(request.valueBytes());
  }

  /** One line of the output; below 0 stands for an empty column. */
  private static final class Row {
    String phase;
    long ops;
    long errors;
    double seconds;
    double opsPerS;
    double cpuUs = -1;
    Histogram latency;   // null: not told
    double rssMib;
    double diskMib = -1;
    double liveMib = -1;
    long writtenBefore = -1;
    Row writes;          // of a mixture the writes once more, for they are what stalls
  }

  static void run(Peers.Request request, Engine.Kind kind, Workload work) throws Exception {
    Session session = new Session(request, kind);
    try {
      if (!work.opensByItself()) {
        session.open(request.durability());
      }
      work.body().run(session);
    } finally {
      try {
        session.close();
      } finally {
        session.flush();
      }
    }
  }

  void open(String durability) throws Exception { engine = kind.opener().open(request, durability); }

  void close() throws Exception {
    Engine was = engine;
    engine = null;
    if (was != null) {
      was.close();
    }
  }

  double liveMib(long keys, int keyBytes) { return keys * (double) (keyBytes + request.valueBytes()) / (1 << 20); }

  double lastSeconds() { return pending.seconds; }

  /** liveMib, asked after the phase, says how large the keys and values are that there are then. */
  Phase.Tally measure(Phase phase, DoubleSupplier liveMib) throws Exception {
    flush();
    Row row = new Row();
    row.writtenBefore = ProcessFigures.writtenBytes();
    Phase.Tally all = phase.run();
    row.phase = phase.name;
    row.ops = all.ops;
    row.errors = all.failures;
    row.seconds = all.seconds;
    row.opsPerS = all.ops / all.seconds;
    row.cpuUs = all.ops > 0 ? all.cpuSeconds * 1e6 / all.ops : -1;
    row.latency = phase.tellsLatency ? all.latency : null;
    row.liveMib = liveMib.getAsDouble();
    addProcess(row);
    if (all.writes > 0 && all.writes < all.ops) {
      row.writes = new Row();
      row.writes.phase = phase.name + "-writes";
      row.writes.ops = all.writes;
      row.writes.seconds = all.seconds;
      row.writes.opsPerS = all.writes / all.seconds;
      row.writes.latency = all.writeLatency;
    }
    pending = row;
    if (all.failures >= Phase.FAILURES_MOST) {
      throw new IllegalStateException(phase.name + ": too many failures");
    }
    return all;
  }

  /** A row that is one figure. */
  void note(String phase, long ops, double seconds, double opsPerS, double cpuUs, double liveMib, long errors) {
    flush();
    Row row = new Row();
    row.phase = phase;
    row.ops = ops;
    row.errors = errors;
    row.seconds = seconds;
    row.opsPerS = opsPerS;
    row.cpuUs = cpuUs;
    row.liveMib = liveMib;
    addProcess(row);
    pending = row;
  }

  private void addProcess(Row row) {
    row.rssMib = ProcessFigures.peakRssMib();
    row.diskMib = kind.isCache() ? -1 : ProcessFigures.diskMib(request.dir());
  }

  /** Prints the row that waits, with what was written to the disk until now. */
  private void flush() {
    Row row = pending;
    pending = null;
    if (row == null) {
      return;
    }
    double written = row.writtenBefore < 0 || row.ops == 0 || kind.isCache()
        ? -1 : (double) (ProcessFigures.writtenBytes() - row.writtenBefore) / row.ops;
    print(row, column(row.cpuUs, 4), column(written, 1) + "," + column(row.rssMib, 1) + "," + column(row.diskMib, 1) + ","
        + column(row.liveMib, 1));
    if (row.writes != null) {
      print(row.writes, "", ",,,");   // a part of a phase has no share of the process of its own
    }
    System.out.flush();
  }

  private void print(Row row, String cpuUs, String process) {
    System.out.printf(Locale.ROOT, "%s,%s,%s,%d,%d,%d,%.6f,%d,%.3f,%s,%s,%s,%d%n", request.engine(), request.workload(),
        row.phase, request.threads(), request.valueBytes(), request.keys(), row.seconds, row.ops, row.opsPerS, cpuUs,
        latencyColumns(row.latency), process, row.errors);
  }

  private static String latencyColumns(Histogram h) {
    if (h == null || h.getTotalCount() == 0) {
      return ",,,";
    }
    return String.format(Locale.ROOT, "%.3f,%.3f,%.3f,%.3f", h.getValueAtPercentile(50) / 1e3, h.getValueAtPercentile(99) / 1e3,
        h.getValueAtPercentile(99.9) / 1e3, h.getMaxValue() / 1e3);
  }

  private static String column(double x, int digits) { return x < 0 ? "" : String.format(Locale.ROOT, "%." + digits + "f", x); }

  /** Writes rows next to end in groups. */
  private final class Loading implements Phase.Worker {
    private final List<byte[]> keys = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private long next;
    private final long end;

    Loading(long next, long end) {
      this.next = next;
      this.end = end;
    }

    @Override
    public void prepare() {
      keys.clear();
      for (int i = 0; i < ROWS_A_LOAD && next < end; i++) {
        keys.add(Values.userKey(next++));
      }
      keys.sort(Comparator.comparing((byte[] key) -> key, java.util.Arrays::compareUnsigned));
      while (bodies.size() < keys.size()) {
        bodies.add(new byte[values.size()]);
      }
      for (int i = 0; i < keys.size(); i++) {
        values.fill(keys.get(i), bodies.get(i));
      }
    }

    @Override
    public void act() throws Exception {
      if (!keys.isEmpty()) {
        engine.load(keys, bodies);
      }
    }

    @Override
    public String problem() { return null; }

    @Override
    public long rows() { return keys.size(); }

    @Override
    public boolean isWrite() { return true; }
  }

  /** Writes the rows 0 to n - 1 as a phase of the name "load", which tells no latency. */
  void loadUsers(long n) throws Exception {
    int loaders = Math.min(request.threads(), LOADERS_MOST);
    long share = (n + loaders - 1) / loaders;
    Phase phase = new Phase("load", loaders, i -> new Loading(Math.min(n, i * share), Math.min(n, (i + 1) * share)))
        .opsMost((share + ROWS_A_LOAD - 1) / ROWS_A_LOAD);
    phase.tellsLatency = false;
    measure(phase, () -> liveMib(n, Workload.USER_KEY_BYTES));
  }
}
