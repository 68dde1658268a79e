package peers;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures one engine of the Java world with one workload and prints a CSV row a phase. What the columns and workloads
 * are, and what each engine is given, is said in bench/peers/README.md.
 */
public final class Peers {
  private static final int FAILED = 1;
  private static final int NOT_DONE = 3;

  static final List<Engine.Kind> ENGINES =
      List.of(EngineCaffeine.KIND, EngineRocks.KIND, EngineShale.STORE, EngineShale.CACHE);

  private Peers() {}

  /** Said when an engine cannot do a workload at all. */
  static final class NotDone extends Exception {
    private static final long serialVersionUID = 1;

    NotDone(String why) { super("not done: " + why); }
  }

  /** What one call of the program was asked for. */
  record Request(String engine, String workload, int threads, double seconds, int valueBytes, long keys, long budgetMib,
                 String durability, String dir, long seed, boolean fillOnly, List<String> arguments) {
    static Request parse(String[] arguments) {
      Map<String, String> given = new HashMap<>();
      boolean fillOnly = false;
      for (int i = 0; i < arguments.length; i++) {
        if (arguments[i].equals("--fill-only")) {
          fillOnly = true;
        } else if (i + 1 < arguments.length && arguments[i].startsWith("--")) {
          given.put(arguments[i].substring(2), arguments[++i]);
        } else {
          throw new IllegalArgumentException("what is " + arguments[i] + "?");
        }
      }
      Request r = new Request(given.getOrDefault("engine", ""), given.getOrDefault("workload", ""),
          Integer.parseInt(given.getOrDefault("threads", "1")), Double.parseDouble(given.getOrDefault("seconds", "3")),
          Integer.parseInt(given.getOrDefault("value-bytes", "1024")), Long.parseLong(given.getOrDefault("keys", "1000000")),
          Long.parseLong(given.getOrDefault("budget-mib", "512")), given.getOrDefault("durability", "os"),
          given.getOrDefault("dir", ""), Long.parseLong(given.getOrDefault("seed", "1")), fillOnly, List.of(arguments));
      Request.check(r.threads >= 1 && r.threads <= 4096, "--threads: 1 to 4096");
      Request.check(r.valueBytes >= 16 && r.valueBytes <= 1 << 20, "--value-bytes: 16 to 1048576");
      Request.check(r.keys >= 1000 && r.keys <= 1L << 32, "--keys: 1000 to 4294967296");
      Request.check(r.budgetMib >= 16 && r.seconds > 0, "--budget-mib: at least 16, --seconds: more than 0");
      Request.check(List.of("os", "sync", "none").contains(r.durability), "--durability: os, sync or none");
      return r;
    }

    private static void check(boolean right, String what) {
      if (!right) {
        throw new IllegalArgumentException(what);
      }
    }
  }

  private static void measure(Request request) throws Exception {
    Workload work = Workload.named(request.workload());
    boolean known = false;
    for (Engine.Kind kind : ENGINES) {
      if (kind.name().equals(request.engine())) {
        known = true;
        if (kind.isCache() == work.isForCaches()) {
          Session.run(request, kind, work);
          return;
        }
      }
    }
    if (known) {
      throw new NotDone("this workload is for a " + (work.isForCaches() ? "cache" : "store"));
    }
    throw new IllegalArgumentException("no such engine; --list names them");
  }

  public static void main(String[] arguments) {
    if (arguments.length == 1 && arguments[0].equals("--list")) {
      for (Engine.Kind kind : ENGINES) {
        System.out.println(kind.name() + "\t" + kind.version() + "\t" + (kind.isCache() ? "cache" : "store"));
      }
      return;
    }
    int status = 0;
    try {
      measure(Request.parse(arguments));
    } catch (NotDone e) {
      System.err.println("peer_java: " + e.getMessage());
      status = NOT_DONE;
    } catch (Exception e) {
      System.err.println("peer_java: " + e);
      status = FAILED;
    }
    System.exit(status);
  }
}
