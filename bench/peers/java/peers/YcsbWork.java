package peers;

import java.util.HashSet;
import java.util.Set;

/** YCSB's core workloads A to F: parts of a hundred, and how keys are chosen. */
final class YcsbWork {
  private static final int SCAN_ROWS_MOST = 100;

  private YcsbWork() {}

  /** What is not named here are reads. Those of the mix that only inserts go to what was written last. */
  record Mix(int update, int insert, int scan, int modify) {
    static Mix of(int update, int insert, int scan, int modify) { return new Mix(update, insert, scan, modify); }

    boolean isLatest() { return insert > 0 && scan == 0; }

    Verb draw(Draw draw) {
      long part = draw.below(100);
      if (part < update) {
        return Verb.UPDATE;
      }
      if (part < update + insert) {
        return Verb.INSERT;
      }
      if (part < update + insert + scan) {
        return Verb.SCAN;
      }
      return part < update + insert + scan + modify ? Verb.MODIFY : Verb.READ;
    }
  }

  private enum Verb { READ, UPDATE, INSERT, SCAN, MODIFY }

  /** Gives out numbers of new rows, and knows up to which all are written: only those are asked for. */
  private static final class Rows {
    private final Set<Long> doneAbove = new HashSet<>();
    private long next;
    private volatile long limit;

    Rows(long n) { next = limit = n; }

    synchronized long take() { return next++; }

    synchronized void acknowledge(long number) {
      doneAbove.add(number);
      long upTo = limit;
      while (doneAbove.remove(upTo)) {
        upTo++;
      }
      limit = upTo;
    }
  }

  private static final class Client extends Access {
    private final Mix mix;
    private final Draw.Zipf zipf;
    private final Rows rows;
    private final RowScan scan;
    private Verb verb = Verb.READ;
    private long number;

    Client(Session session, int thread, Mix mix, Draw.Zipf zipf, Rows rows, byte[] greatest) {
      super(session, 1, thread);
      this.mix = mix;
      this.zipf = zipf;
      this.rows = rows;
      scan = new RowScan(session, greatest);
    }

    private byte[] choose() {
      return Values.userKey(mix.isLatest() ? Math.max(0, rows.limit - 1 - zipf.rank(draw)) : zipf.scrambled(draw));
    }

    @Override
    public void prepare() {
      verb = mix.draw(draw);
      switch (verb) {
        case INSERT -> {
          number = rows.take();
          toPut(Values.userKey(number));
        }
        case UPDATE -> toPut(choose());
        default -> toGet(choose());
      }
      if (verb == Verb.SCAN) {
        scan.begin(key, 1 + (int) draw.below(SCAN_ROWS_MOST));
      }
    }

    @Override
    public void act() throws Exception {
      if (verb == Verb.SCAN) {
        scan.act();
        return;
      }
      super.act();
      if (verb == Verb.MODIFY && !isMissing) {
        session.engine.put(engineKey, seen);
      } else if (verb == Verb.INSERT) {
        rows.acknowledge(number);
      }
    }

    @Override
    public String problem() { return verb == Verb.SCAN ? scan.problem() : super.problem(); }

    @Override
    public boolean isWrite() { return verb != Verb.READ && verb != Verb.SCAN; }
  }

  static void run(Session session, Mix mix) throws Exception {
    if (mix.scan() > 0 && !session.engine.isOrdered()) {
      throw new Peers.NotDone("it has no order");
    }
    long keys = session.request.keys();
    session.loadUsers(keys);
    Draw.Zipf zipf = new Draw.Zipf(keys);
    Rows rows = new Rows(keys);
    byte[] greatest = mix.scan() > 0 ? RowScan.greatestUser(keys) : null;
    session.measure(new Phase("run", session.request.threads(), i -> new Client(session, i, mix, zipf, rows, greatest))
        .seconds(session.request.seconds()).sampling(mix.scan() > 0 ? 1 : Phase.SAMPLED),
        () -> session.liveMib(rows.limit, Workload.USER_KEY_BYTES));
  }
}
