package peers;

/** xorshift64*: about a nanosecond a number, so that choosing a key is not what is measured. */
final class Draw {
  private long state;

  Draw(long seed) { state = (seed + 1) * 0x9E3779B97F4A7C15L | 1; }

  long next() {
    state ^= state >>> 12;
    state ^= state << 25;
    state ^= state >>> 27;
    return state * 0x2545F4914F6CDD1DL;
  }

  /** Evenly from 0 to n - 1; n is below 2^62. */
  long below(long n) { return Math.multiplyHigh(next() >>> 1, n << 1); }

  double unit() { return (next() >>> 11) * 0x1p-53; }

  /** The finalizer of MurmurHash3, a bijection. */
  static long scatter(long x) {
    x ^= x >>> 33;
    x *= 0xFF51AFD7ED558CCDL;
    x ^= x >>> 33;
    x *= 0xC4CEB9FE1A85EC53L;
    return x ^ x >>> 33;
  }

  /**
   * Ranks from 0, the likeliest, to n - 1 with a frequency of 1 / (rank + 1)^0.99, by the inversion of Gray et al. (SIGMOD
   * 1994) that YCSB uses. Constant after it is made.
   */
  static final class Zipf {
    private static final double THETA = 0.99;
    private static final double ALPHA = 1 / (1 - THETA);
    private static final double SECOND = 1 + Math.pow(0.5, THETA);
    private final long n;
    private final double zeta;
    private final double eta;

    Zipf(long n) {
      double sum = 0;
      for (long i = 1; i <= n; i++) {
        sum += Math.pow(i, -THETA);
      }
      this.n = n;
      zeta = sum;
      eta = (1 - Math.pow(2.0 / n, 1 - THETA)) / (1 - SECOND / sum);
    }

    long rank(Draw draw) {
      double u = draw.unit();
      double scaled = u * zeta;
      if (scaled < 1) {
        return 0;
      }
      if (scaled < SECOND) {
        return 1;
      }
      return Math.min(n - 1, (long) (n * Math.pow(eta * u - eta + 1, ALPHA)));
    }

    /** Spreads the likely ranks over all numbers. */
    long scrambled(Draw draw) { return Long.remainderUnsigned(scatter(rank(draw)), n); }
  }
}
