package peers;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/**
 * One timed stretch of the same work on many threads. The wall time ends with the last operation of the last thread, and
 * every operation counts.
 */
final class Phase {
  /** Where an operation may take less than a microsecond one in so many is timed. */
  static final int SAMPLED = 8;
  static final int FAILURES_MOST = 100;
  private static final long LATENCY_MOST_NS = 600_000_000_000L;

  /** One thread's part. Timed is act alone: choosing a key and looking at a value are outside. */
  interface Worker {
    void prepare() throws Exception;

    void act() throws Exception;

    /** What is wrong with the operation just done; null if nothing. */
    String problem();

    /** How many rows the operation just done was of. */
    default long rows() { return 1; }

    /** Tells the writes of a mixture from its reads. */
    boolean isWrite();
  }

  interface Maker {
    Worker make(int thread);
  }

  final String name;
  final List<Worker> workers = new ArrayList<>();
  double seconds;          // 0: until opsMost
  long opsMost;            // of each worker; 0: until the time is over
  int sampling = 1;
  boolean tellsLatency = true;
  Worker background;       // runs beside them, and is not counted; null: none

  Phase(String name, int threads, Maker maker) {
    this.name = name;
    for (int i = 0; i < threads; i++) {
      workers.add(maker.make(i));
    }
  }

  Phase seconds(double length) {
    seconds = length;
    return this;
  }

  Phase opsMost(long each) {
    opsMost = each;
    return this;
  }

  Phase sampling(int oneIn) {
    sampling = oneIn;
    return this;
  }

  /** What one worker did, or all. */
  static final class Tally {
    long ops;
    long writes;
    long failures;
    String first;
    double seconds;
    double cpuSeconds;
    final Histogram latency = new Histogram(LATENCY_MOST_NS, 2);
    final Histogram writeLatency = new Histogram(LATENCY_MOST_NS, 2);

    void fail(String why) {
      failures++;
      if (first == null) {
        first = why;
      }
    }

    /** Runs one operation, and says when it ended if it was timed. */
    long one(Worker w, boolean timed) {
      long ended = 0;
      try {
        w.prepare();
        if (timed) {
          long began = System.nanoTime();
          w.act();
          ended = System.nanoTime();
          (w.isWrite() ? writeLatency : latency).recordValue(Math.min(Math.max(ended - began, 0), LATENCY_MOST_NS));
        } else {
          w.act();
        }
        String problem = w.problem();
        if (problem != null) {
          fail(problem);
        }
      } catch (Exception e) {
        fail(e.toString());
      }
      ops += w.rows();
      writes += w.isWrite() ? w.rows() : 0;
      return ended;
    }

    void add(Tally other) {
      ops += other.ops;
      writes += other.writes;
      failures += other.failures;
      first = first == null ? other.first : first;
      latency.add(other.latency);
      latency.add(other.writeLatency);
      writeLatency.add(other.writeLatency);
    }
  }

  Tally run() throws InterruptedException {
    List<Tally> tallies = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    CountDownLatch ready = new CountDownLatch(workers.size());
    CountDownLatch go = new CountDownLatch(1);
    long[] deadline = {Long.MAX_VALUE};   // written before go, read after it
    for (Worker w : workers) {
      Tally tally = new Tally();
      tallies.add(tally);
      threads.add(new Thread(() -> {
        ready.countDown();
        await(go);
        drive(w, tally, deadline[0]);
      }));
    }
    threads.forEach(Thread::start);
    ready.await();
    AtomicBoolean enough = new AtomicBoolean();
    Tally beside = new Tally();
    Thread helper = new Thread(() -> {
      while (background != null && !enough.get() && beside.failures < FAILURES_MOST) {
        beside.one(background, false);
      }
    });
    double cpu = ProcessFigures.cpuSeconds();
    long began = System.nanoTime();
    if (seconds > 0) {
      deadline[0] = began + (long) (seconds * 1e9);
    }
    helper.start();
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    Tally all = new Tally();
    all.seconds = (System.nanoTime() - began) * 1e-9;
    all.cpuSeconds = ProcessFigures.cpuSeconds() - cpu;
    enough.set(true);
    helper.join();
    tallies.forEach(all::add);
    if (beside.failures > 0) {
      all.failures += beside.failures;
      all.first = all.first == null ? beside.first : all.first;
    }
    if (all.failures > 0) {
      System.err.println("peer_java: " + name + ": " + all.failures + " failed, the first: " + all.first);
    }
    return all;
  }

  private void drive(Worker w, Tally tally, long deadline) {
    for (long calls = 0; opsMost == 0 || calls < opsMost; calls++) {
      long ended = tally.one(w, calls % sampling == 0);
      if (ended != 0 && ended >= deadline || tally.failures >= FAILURES_MOST) {
        return;
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
