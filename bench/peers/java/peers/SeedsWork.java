package peers;

/**
 * The workload of the project's first goals: every thread writes keys of its own, then reads its first thousand, then any
 * key of anybody. sync is its first phase with durable writes. And keys with deadlines.
 */
final class SeedsWork {
  private static final long HOT_KEYS = 1000;
  private static final long LIFE_MS = 1000;
  private static final long READ_BACK = 2000;

  private SeedsWork() {}

  private static final class Puts extends Access {
    private final int thread;
    long written;

    Puts(Session session, int thread) {
      super(session, 0, thread);
      this.thread = thread;
    }

    @Override
    public void prepare() { toPut(Values.seedKey(thread, written)); }

    // A key whose put failed is written again, so that all keys below the count are there.
    @Override
    public void act() throws Exception {
      super.act();
      written++;
    }
  }

  /** Every second operation puts a new key, every other one reads one of the last, which may be over by then. */
  private static final class Deadlines extends Access {
    private final int thread;
    private long n;

    Deadlines(Session session, int thread) {
      super(session, 1, thread);
      this.thread = thread;
    }

    @Override
    public void prepare() {
      if (!isPut) {
        toPut(Values.seedKey(thread, n++));
      } else {
        toGet(Values.seedKey(thread, n - 1 - draw.below(Math.min(n, READ_BACK))));
      }
    }

    @Override
    public void act() throws Exception {
      if (isPut) {
        session.engine.putFor(engineKey, value, LIFE_MS);
      } else {
        super.act();
      }
    }

    @Override
    public String problem() { return isMissing ? null : super.problem(); }
  }

  private static Puts[] write(Session session) throws Exception {
    Puts[] puts = new Puts[session.request.threads()];
    session.measure(new Phase("write", puts.length, i -> puts[i] = new Puts(session, i)).seconds(session.request.seconds()),
        () -> live(session, puts));
    return puts;
  }

  /** Keys differ in length. */
  private static double live(Session session, Puts[] puts) {
    double mib = 0;
    for (int i = 0; i < puts.length; i++) {
      long from = 0;
      for (long to = 10; from < puts[i].written; from = to, to *= 10) {
        mib += session.liveMib(Math.min(to, puts[i].written) - from, Values.seedKey(i, from).length);
      }
    }
    return mib;
  }

  static void sync(Session session) throws Exception {
    session.open("sync");
    write(session);
  }

  static void seeds(Session session) throws Exception {
    Puts[] puts = write(session);
    long[] ends = new long[puts.length];
    long total = 0;
    for (int i = 0; i < puts.length; i++) {
      if (puts[i].written == 0) {
        throw new IllegalStateException("thread " + i + " wrote no key");
      }
      ends[i] = total += puts[i].written;
    }
    int threads = puts.length;
    double seconds = session.request.seconds();
    session.measure(new Phase("hot", threads, i -> new Access(session, 1, i) {
      @Override
      public void prepare() { toGet(Values.seedKey(i, draw.below(Math.min(HOT_KEYS, puts[i].written)))); }
    }).seconds(seconds).sampling(Phase.SAMPLED), () -> live(session, puts));
    session.measure(new Phase("cold", threads, i -> new Access(session, 2, i) {
      @Override
      public void prepare() {
        long at = draw.below(ends[threads - 1]);
        int found = java.util.Arrays.binarySearch(ends, at);
        int owner = found >= 0 ? found + 1 : -found - 1;
        toGet(Values.seedKey(owner, owner == 0 ? at : at - ends[owner - 1]));
      }
    }).seconds(seconds).sampling(Phase.SAMPLED), () -> live(session, puts));
  }

  static void deadlines(Session session) throws Exception {
    if (!session.engine.hasDeadlines()) {
      throw new Peers.NotDone("its keys have no deadline");
    }
    session.measure(new Phase("run", session.request.threads(), i -> new Deadlines(session, i)).seconds(session.request.seconds()),
        () -> -1);
  }
}
