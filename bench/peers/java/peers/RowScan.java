package peers;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One scan, whose rows are looked at as they come. */
final class RowScan implements Engine.RowVisitor {
  private final Session session;
  private final byte[] greatest;   // key that was there before the phase
  private byte[] from;
  private byte[] last;
  private int limit;
  private int count;
  private String wrong;

  RowScan(Session session, byte[] greatest) {
    this.session = session;
    this.greatest = greatest;
  }

  void begin(byte[] key, int rows) {
    from = key;
    last = null;
    limit = rows;
    count = 0;
    wrong = null;
  }

  void act() throws Exception { session.engine.scan(from, limit, this); }

  @Override
  public void row(byte[] key, byte[] value) {
    if (last == null ? Arrays.compareUnsigned(key, from) < 0 : Arrays.compareUnsigned(key, last) <= 0) {
      wrong = "rows are out of order";
    }
    String problem = session.values.problem(key, value, value.length);
    wrong = wrong == null ? problem : wrong;
    last = key;
    count++;
  }

  /** A scan ends early only at the end of what was there before the phase. */
  String problem() {
    boolean atEnd = Arrays.compareUnsigned(count == 0 ? from : last, greatest) >= 0;
    if (wrong == null && (count == limit || count < limit && atEnd)) {
      return null;
    }
    return "scan from " + new String(from, StandardCharsets.US_ASCII) + ": " + count + " rows of " + limit + "; " + wrong;
  }

  static byte[] greatestUser(long n) {
    byte[] greatest = new byte[0];
    for (long i = 0; i < n; i++) {
      byte[] key = Values.userKey(i);
      greatest = Arrays.compareUnsigned(key, greatest) > 0 ? key : greatest;
    }
    return greatest;
  }
}
