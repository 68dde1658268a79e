package peers;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How long it takes from opening a store until the first get has its answer: after a clean close, and after the process that
 * wrote it was killed.
 */
final class OpenWork {
  private static final int CHECKED_AFTER_RECOVERY = 1000;

  private OpenWork() {}

  private static final class OneGet extends Access {
    OneGet(Session session) { super(session, 1, 0); }

    @Override
    public void prepare() {}

    String get(byte[] chosen) throws Exception {
      toGet(chosen);
      act();
      return problem();
    }
  }

  private interface Check {
    long errors() throws Exception;
  }

  private static void timed(Session session, String name, long keys, byte[] first, Check check) throws Exception {
    double cpu = ProcessFigures.cpuSeconds();
    long began = System.nanoTime();
    session.open(session.request.durability());
    OneGet get = new OneGet(session);
    String problem = get.get(first);
    double seconds = (System.nanoTime() - began) * 1e-9;
    cpu = ProcessFigures.cpuSeconds() - cpu;
    if (problem != null) {
      System.err.println("peer_java: " + name + ": " + problem);
    }
    long errors = (problem == null ? 0 : 1) + check.errors();
    session.note(name, 1, seconds, 1 / seconds, cpu * 1e6, session.liveMib(keys, first.length), errors);
  }

  static void clean(Session session) throws Exception {
    long keys = session.request.keys();
    session.loadUsers(keys);
    session.close();
    timed(session, "open", keys, Values.userKey(keys - 1), () -> 0);
  }

  /**
   * Lets a child write, kills it, and opens what is left. Every key that the child had an answer for must be there; a sample
   * of them is read.
   */
  static void killed(Session session) throws Exception {
    if (session.request.fillOnly()) {
      fillUntilKilled(session);
      return;
    }
    session.open(session.request.durability());   // so that the library is loaded before the clock starts
    session.close();
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Peers.class.getName()));
    command.addAll(session.request.arguments());
    command.add("--fill-only");
    Process child = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String line = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    child.destroyForcibly().waitFor();
    if (line == null) {
      throw new IllegalStateException("the process that writes ended by itself");
    }
    long keys = Long.parseLong(line);
    timed(session, "recover", keys, Values.plainKey(keys - 1), () -> {
      OneGet get = new OneGet(session);
      long errors = 0;
      for (int i = 0; i < CHECKED_AFTER_RECOVERY; i++) {
        String problem = get.get(Values.plainKey(get.draw.below(keys)));
        if (problem != null && errors++ == 0) {
          System.err.println("peer_java: recover: " + problem);
        }
      }
      return errors;
    });
  }

  /** Writes all keys one by one, tells the parent how many, and waits to be killed, or for the parent's end. */
  private static void fillUntilKilled(Session session) throws Exception {
    session.open(session.request.durability());
    int threads = session.request.threads();
    long each = session.request.keys() / threads;
    Phase.Tally all = new Phase("fill", threads, i -> new CacheWork.FillEvenly(session, i, i * each, 1)).opsMost(each)
        .sampling(Phase.SAMPLED).run();
    if (all.failures > 0) {
      throw new IllegalStateException(all.first);
    }
    System.out.println(all.ops);
    System.out.flush();
    while (System.in.read() >= 0) {
      continue;
    }
    Runtime.getRuntime().halt(1);
  }
}
