package peers;

/** Puts or gets one key; which, the workload says in prepare. Of one thread in one phase. */
abstract class Access implements Phase.Worker {
  final Session session;
  final Draw draw;
  final byte[] room;
  byte[] seen;
  boolean isPut;
  boolean isMissing;
  byte[] key;
  Object engineKey;
  final byte[] value;
  private int length;

  Access(Session session, int phase, int thread) {
    this.session = session;
    draw = new Draw(session.request.seed() * 1000003 + phase * 8191L + thread);
    value = new byte[session.values.size()];
    room = new byte[session.values.size()];
  }

  final void toPut(byte[] chosen) {
    toGet(chosen);
    isPut = true;
    session.values.fill(chosen, value);
  }

  final void toGet(byte[] chosen) {
    key = chosen;
    engineKey = session.engine.keyOf(chosen);
    isPut = false;
    isMissing = false;
  }

  @Override
  public void act() throws Exception {
    if (isPut) {
      session.engine.put(engineKey, value);
    } else {
      length = session.engine.get(engineKey, this);
      isMissing = length < 0;
    }
  }

  @Override
  public String problem() {
    if (isPut) {
      return null;
    }
    String what = isMissing ? "no such key" : session.values.problem(key, seen, length);
    return what == null ? null : new String(key, java.nio.charset.StandardCharsets.US_ASCII) + ": " + what;
  }

  @Override
  public boolean isWrite() { return isPut; }
}
