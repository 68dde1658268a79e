package peers;

/**
 * Caches in memory: keys that fit, each as likely as any other; and four times more keys than fit, by a zipf distribution,
 * where what is missing is put. A row hit_percent says what part of the reads found its key.
 */
final class CacheWork {
  private static final int ZIPF_TIMES_BUDGET = 4;
  private static final long SETTLE_MS = 50;   // for caches that take in what was put by a queue

  private CacheWork() {}

  /** Puts every so manieth key. */
  static final class FillEvenly extends Access {
    private final long step;
    private long next;

    FillEvenly(Session session, int thread, long next, long step) {
      super(session, 0, thread);
      this.next = next;
      this.step = step;
    }

    @Override
    public void prepare() {
      toPut(Values.plainKey(next));
      next += step;
    }
  }

  private static final class Client extends Access {
    private final long keys;
    private final int putPercent;
    private final Draw.Zipf zipf;   // null: evenly
    long gets;
    long misses;

    Client(Session session, int phase, int thread, long keys, int putPercent, Draw.Zipf zipf) {
      super(session, phase, thread);
      this.keys = keys;
      this.putPercent = putPercent;
      this.zipf = zipf;
    }

    @Override
    public void prepare() {
      byte[] chosen = Values.plainKey(zipf == null ? draw.below(keys) : zipf.scrambled(draw));
      if (putPercent > 0 && draw.below(100) < putPercent) {
        toPut(chosen);
      } else {
        toGet(chosen);
      }
    }

    @Override
    public void act() throws Exception {
      super.act();
      if (isPut) {
        return;
      }
      gets++;
      if (isMissing) {
        misses++;
        if (zipf != null) {
          toPut(key);
          super.act();
        }
      }
    }

    @Override
    public String problem() { return isMissing ? null : super.problem(); }
  }

  private static void load(Session session, long count, long stride) throws Exception {
    int threads = session.request.threads();
    session.measure(new Phase("load", threads, i -> new FillEvenly(session, i, i * stride, threads * stride))
        .opsMost((count + threads - 1) / threads).sampling(Phase.SAMPLED), () -> session.liveMib(count, Workload.PLAIN_KEY_BYTES));
    Thread.sleep(SETTLE_MS);
  }

  private static void measure(Session session, String name, double seconds, long opsMost, long keys, int phaseNumber, int putPercent,
      Draw.Zipf zipf) throws Exception {
    Client[] clients = new Client[session.request.threads()];
    session.measure(new Phase(name, clients.length,
        i -> clients[i] = new Client(session, phaseNumber, i, keys, putPercent, zipf)).seconds(seconds).opsMost(opsMost)
        .sampling(Phase.SAMPLED), () -> session.liveMib(keys, Workload.PLAIN_KEY_BYTES));
    long gets = 0;
    long misses = 0;
    for (Client client : clients) {
      gets += client.gets;
      misses += client.misses;
    }
    if (seconds > 0 && gets > 0) {
      session.note("hit_percent", gets, session.lastSeconds(), 100.0 * (gets - misses) / gets, -1, -1, 0);
    }
  }

  static void fits(Session session, int putPercent) throws Exception {
    long keys = session.request.keys();
    if (session.liveMib(keys, Workload.PLAIN_KEY_BYTES) > session.request.budgetMib() / 2.0) {
      throw new Peers.NotDone(keys + " keys with values of " + session.request.valueBytes() + " bytes are more than half of the budget");
    }
    load(session, keys, 1);
    measure(session, "run", session.request.seconds(), 0, keys, 1, putPercent, null);
  }

  /** Fills the cache with keys that are spread evenly, lets the likely ones come in, and measures then. */
  static void zipf(Session session) throws Exception {
    long fit = (session.request.budgetMib() << 20) / (Workload.PLAIN_KEY_BYTES + session.request.valueBytes());
    long keys = fit * ZIPF_TIMES_BUDGET;
    Draw.Zipf zipf = new Draw.Zipf(keys);
    load(session, fit, ZIPF_TIMES_BUDGET);
    measure(session, "warm", 0, fit / session.request.threads() + 1, keys, 1, 0, zipf);
    measure(session, "run", session.request.seconds(), 0, keys, 2, 0, zipf);
  }
}
