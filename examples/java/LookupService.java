package example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.shale.Cursor;
import io.shale.Entry;
import io.shale.Shale;
import io.shale.WriteOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A look-up service over a file that is slow to search: the package database of a Debian system, where every
 * question means reading the file from its start. Answers are kept in a store for a day, so that a second
 * question, also after a restart, costs a look-up in memory; a file that has changed has other answers,
 * because its time is a part of the key.
 *
 * <pre>
 *   java -cp shale-1.0.0.jar LookupService.java /tmp/answers 8080 &amp;
 *   curl localhost:8080/package/bash       the record of a package
 *   curl localhost:8080/popular            how often each was asked for
 * </pre>
 */
public final class LookupService implements AutoCloseable {
  private static final WriteOptions KEEP_A_DAY = WriteOptions.DEFAULT.ttl(Duration.ofDays(1));
  private static final byte[] NO_SUCH_PACKAGE = {};

  private final Shale answers;
  private final Path file;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);

  /**
   * Starts to serve.
   *
   * @param store where answers are kept
   * @param file what is searched
   * @param port where to listen, 0 for any
   * @throws IOException if that is not possible
   */
  public LookupService(Path store, Path file, int port) throws IOException {
    this.file = file;
    answers = Shale.builder(store).memory("64MiB").open();
    server = HttpServer.create(new InetSocketAddress("localhost", port), 0);
    server.createContext("/package/", this::onPackage);
    server.createContext("/popular", this::onPopular);
    server.setExecutor(threads);
    server.start();
  }

  /**
   * Where it listens.
   *
   * @return the port
   */
  public int port() { return server.getAddress().getPort(); }

  /** Ends service. Requests that are being answered may fail; nothing worse can happen to them. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
    try {
      threads.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    answers.close();
  }

  private void onPackage(HttpExchange exchange) throws IOException {
    String name = exchange.getRequestURI().getPath().substring("/package/".length());
    String key = "answer/" + Files.getLastModifiedTime(file).toMillis() + "/" + name;
    boolean[] searched = {false};
    byte[] record = answers.computeIfAbsent(key.getBytes(StandardCharsets.UTF_8), missing -> {
      searched[0] = true;
      return search(name);
    }, KEEP_A_DAY);
    answers.increment("asked/" + name);
    exchange.getResponseHeaders().set("X-Answered-From", searched[0] ? "file" : "store");
    if (record.length > 0) {
      reply(exchange, 200, record);
    } else {
      reply(exchange, 404, ("no package is called " + name + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private void onPopular(HttpExchange exchange) throws IOException {
    StringBuilder list = new StringBuilder();
    try (Cursor rows = answers.prefix("asked/")) {
      for (Entry row : rows) {
        list.append(row.keyText().substring("asked/".length()))
            .append(' ')
            .append(row.valueText())
            .append('\n');
      }
    }
    reply(exchange, 200, list.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /**
   * The lines from "Package: NAME" to the next empty one. That there is none is an answer too, and as slow
   * to find.
   */
  private byte[] search(String name) {
    String wanted = "Package: " + name;
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      StringBuilder record = new StringBuilder();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (record.length() > 0 && line.isEmpty()) {
          break;
        }
        if (record.length() > 0 || line.equals(wanted)) {
          record.append(line).append('\n');
        }
      }
      return record.length() > 0 ? record.toString().getBytes(StandardCharsets.UTF_8) : NO_SUCH_PACKAGE;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Serves until it is stopped.
   *
   * @param args directory of the store, port, and perhaps the file to search
   * @throws IOException if that is not possible
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      System.err.println("usage: LookupService STORE PORT [FILE]");
      System.exit(2);
    }
    Path file = Path.of(args.length > 2 ? args[2] : "/var/lib/dpkg/status");
    LookupService service = new LookupService(Path.of(args[0]), file, Integer.parseInt(args[1]));
    Runtime.getRuntime().addShutdownHook(new Thread(service::close));
    System.out.println("http://localhost:" + service.port() + "/package/NAME");
  }
}
