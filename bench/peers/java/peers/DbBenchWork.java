package peers;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** db_bench's set: each phase lasts the time of the run or as many operations as there are keys, whichever ends first. */
final class DbBenchWork {
  private static final int SEEK_ROWS = 11;   // the one that is sought, and ten next

  private DbBenchWork() {}

  /** Which keys were written. */
  private static final class Drawn {
    private final AtomicLongArray words;
    final AtomicLong count = new AtomicLong();

    Drawn(long keys) { words = new AtomicLongArray((int) (keys / 64) + 1); }

    void add(long n) {
      int word = (int) (n >>> 6);
      long bit = 1L << n;
      if (!has(n) && (words.getAndAccumulate(word, bit, (a, b) -> a | b) & bit) == 0) {
        count.incrementAndGet();
      }
    }

    boolean has(long n) { return (words.get((int) (n >>> 6)) >>> n & 1) != 0; }

    byte[] greatest() {
      for (long n = words.length() * 64L - 1; n >= 0; n--) {
        if (has(n)) {
          return Values.plainKey(n);
        }
      }
      return new byte[0];
    }
  }

  private static final class Fill extends Access {
    private final Drawn drawn;
    private long n;

    Fill(Session session, int phase, int thread, Drawn drawn) {
      super(session, phase, thread);
      this.drawn = drawn;
    }

    @Override
    public void prepare() {
      n = draw.below(session.request.keys());
      toPut(Values.plainKey(n));
    }

    @Override
    public void act() throws Exception {
      super.act();
      drawn.add(n);
    }
  }

  /** Finds a key if it was written; one that is written meanwhile may be there or not. */
  private static final class Read extends Access {
    private final Drawn drawn;
    private boolean written;

    Read(Session session, int phase, int thread, Drawn drawn) {
      super(session, phase, thread);
      this.drawn = drawn;
    }

    @Override
    public void prepare() {
      long n = draw.below(session.request.keys());
      written = drawn.has(n);
      toGet(Values.plainKey(n));
    }

    @Override
    public String problem() { return isMissing && !written ? null : super.problem(); }
  }

  private static final class ReadMissing extends Access {
    ReadMissing(Session session, int phase, int thread) { super(session, phase, thread); }

    @Override
    public void prepare() { toGet(Values.absentKey(draw.below(session.request.keys()))); }

    @Override
    public String problem() { return isMissing ? null : "a key that was never written is there"; }
  }

  private static final class Seek extends Access {
    private final RowScan scan;
    private final int rows;
    private final boolean isUser;

    Seek(Session session, int phase, int thread, int rows, byte[] greatest, boolean isUser) {
      super(session, phase, thread);
      this.rows = rows;
      this.isUser = isUser;
      scan = new RowScan(session, greatest);
    }

    @Override
    public void prepare() {
      long n = draw.below(session.request.keys());
      scan.begin(isUser ? Values.userKey(n) : Values.plainKey(n), rows);
    }

    @Override
    public void act() throws Exception { scan.act(); }

    @Override
    public String problem() { return scan.problem(); }
  }

  private static Phase phase(Session session, String name, Phase.Maker maker) {
    int threads = session.request.threads();
    return new Phase(name, threads, maker).seconds(session.request.seconds())
        .opsMost(Math.max(1, session.request.keys() / threads));
  }

  static void run(Session session) throws Exception {
    Drawn drawn = new Drawn(session.request.keys());
    java.util.function.DoubleSupplier live = () -> session.liveMib(drawn.count.get(), Workload.PLAIN_KEY_BYTES);
    session.measure(phase(session, "fillrandom", i -> new Fill(session, 0, i, drawn)), live);
    session.measure(phase(session, "overwrite", i -> new Fill(session, 1, i, drawn)), live);
    session.measure(phase(session, "readrandom", i -> new Read(session, 2, i, drawn)).sampling(Phase.SAMPLED), live);
    session.measure(phase(session, "readmissing", i -> new ReadMissing(session, 3, i)).sampling(Phase.SAMPLED), live);
    if (session.engine.isOrdered()) {
      byte[] greatest = drawn.greatest();
      session.measure(phase(session, "seekrandom", i -> new Seek(session, 4, i, SEEK_ROWS, greatest, false)), live);
    }
    Phase last = phase(session, "readwhilewriting", i -> new Read(session, 5, i, drawn)).sampling(Phase.SAMPLED);
    last.background = new Fill(session, 5, session.request.threads(), drawn);
    session.measure(last, live);
  }

  /** fillrandom with durable writes. */
  static void fillSync(Session session) throws Exception {
    session.open("sync");
    Drawn drawn = new Drawn(session.request.keys());
    session.measure(phase(session, "fillsync", i -> new Fill(session, 0, i, drawn)),
        () -> session.liveMib(drawn.count.get(), Workload.PLAIN_KEY_BYTES));
  }

  static void scans(Session session, int rows) throws Exception {
    if (!session.engine.isOrdered()) {
      throw new Peers.NotDone("it has no order");
    }
    long keys = session.request.keys();
    session.loadUsers(keys);
    byte[] greatest = RowScan.greatestUser(keys);
    session.measure(new Phase("run", session.request.threads(), i -> new Seek(session, 1, i, rows, greatest, true))
        .seconds(session.request.seconds()), () -> session.liveMib(keys, Workload.USER_KEY_BYTES));
  }
}
