package io.shale;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import example.LookupService;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Test;

/**
 * The example over the package database of this machine, from outside: what it answers, and where the answer
 * comes from.
 */
public class ExampleTest extends TestSupport {
  private final HttpClient client = HttpClient.newHttpClient();
  private Path file;

  @After
  public void removeFile() throws IOException {
    Files.deleteIfExists(file);
  }

  private HttpResponse<String> get(LookupService service, String path) throws Exception {
    URI uri = URI.create("http://localhost:" + service.port() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String source(HttpResponse<String> response) {
    return response.headers().firstValue("X-Answered-From").orElse("nowhere");
  }

  /** Records by name, read in another way than the example does. */
  private static Map<String, String> records(Path file) throws IOException {
    Map<String, String> records = new LinkedHashMap<>();
    for (String record : Files.readString(file).split("\n\n")) {
      String name = record.lines().findFirst().orElseThrow().substring("Package: ".length());
      records.putIfAbsent(name, record.stripTrailing() + "\n");
    }
    return records;
  }

  @Test
  public void answersComeFromTheFileOnceAndThenFromTheStore() throws Exception {
    file = Files.createTempFile("shale-java-status-", "");
    Files.write(file, Files.readAllBytes(Path.of("/var/lib/dpkg/status")));
    Map<String, String> records = records(file);
    List<String> names = new ArrayList<>(records.keySet()).subList(0, Math.min(100, records.size()));
    try (LookupService service = new LookupService(directory, file, 0)) {
      for (String name : names) {
        HttpResponse<String> first = get(service, "/package/" + name);
        assertEquals(name, records.get(name), first.body());
        assertEquals("file", source(first));
      }
      for (String name : names) {
        HttpResponse<String> second = get(service, "/package/" + name);
        assertEquals(name, records.get(name), second.body());
        assertEquals("store", source(second));
      }
      assertEquals(404, get(service, "/package/no-such-package").statusCode());
      assertEquals(
          "that there is none is kept too", "store", source(get(service, "/package/no-such-package")));
    }
    try (LookupService service = new LookupService(directory, file, 0)) {
      assertEquals("after a restart", "store", source(get(service, "/package/" + names.get(0))));
      Files.setLastModifiedTime(file, FileTime.fromMillis(Files.getLastModifiedTime(file).toMillis() + 1000));
      assertEquals("after a change", "file", source(get(service, "/package/" + names.get(0))));
      String popular = get(service, "/popular").body();
      assertTrue(popular, popular.contains(names.get(0) + " 4\n"));
      assertTrue(popular, popular.contains("no-such-package 2\n"));
      assertEquals(names.size() + 1, popular.lines().count());
    }
  }
}
