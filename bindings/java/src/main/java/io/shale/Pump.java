package io.shale;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.IntFunction;

/**
 * Between a stream of Java and the library, which knows descriptors only: two sockets that are connected. The
 * library works at one of them on a thread of its own; the stream is used by the thread of the caller. Each end is
 * closed by the thread that uses it.
 */
final class Pump {
  private static final int BLOCK_BYTES = 1 << 16;

  private final int mine;
  private final int theirs;
  private final IntFunction<byte[]> work;
  private final Thread worker = new Thread(this::run, "shale-stream");
  private byte[] report;
  private RuntimeException failure;
  private Error error;

  private Pump(IntFunction<byte[]> work) throws IOException {
    long[] ends = new long[2];
    int errno = NativeJNI.pipe_open(ends);
    if (errno != 0) {
      throw new IOException("no sockets for a stream: error " + errno);
    }
    mine = (int) ends[0];
    theirs = (int) ends[1];
    this.work = work;
    worker.setDaemon(true);
    worker.start();
  }

  /** What the work writes to its descriptor goes to the stream. */
  static BackupReport write(OutputStream to, IntFunction<byte[]> work) throws IOException {
    Pump pump = new Pump(work);
    try {
      byte[] block = new byte[BLOCK_BYTES];
      for (int got = NativeJNI.pipe_read(pump.mine, block); got > 0; got = NativeJNI.pipe_read(pump.mine, block)) {
        to.write(block, 0, got);
      }
    } finally {
      NativeJNI.pipe_close(pump.mine); // if the stream has failed, the library learns so
      pump.join();
    }
    return pump.finish();
  }

  /** What the stream has is what the work reads from its descriptor. */
  static BackupReport read(InputStream from, IntFunction<byte[]> work) throws IOException {
    Pump pump = new Pump(work);
    try {
      byte[] block = new byte[BLOCK_BYTES];
      boolean wanted = true;
      for (int got = from.read(block); wanted && got >= 0; got = wanted ? from.read(block) : -1) {
        wanted = pump.send(block, got);
      }
    } finally {
      NativeJNI.pipe_close(pump.mine);
      pump.join();
    }
    return pump.finish();
  }

  private boolean send(byte[] block, int end) {
    int at = 0;
    while (at < end) {
      int sent = NativeJNI.pipe_write(mine, block, at, end);
      if (sent < 0) {
        return false;
      }
      at += sent;
    }
    return true;
  }

  private void run() {
    try {
      report = work.apply(theirs);
    } catch (RuntimeException e) {
      failure = e;
    } catch (Error e) {
      error = e;
    } finally {
      NativeJNI.pipe_close(theirs);
    }
  }

  /** The work ends soon: nobody is at the other end of its descriptor. An interrupt waits until then. */
  private void join() {
    boolean interrupted = false;
    for (;;) {
      try {
        worker.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private BackupReport finish() {
    if (error != null) {
      throw error;
    }
    if (failure != null) {
      throw failure;
    }
    return BackupReport.of(report);
  }
}
