package peers;

import java.nio.file.Path;

/** Versions of the jars, by their names on the class path. */
final class Versions {
  private Versions() {}

  static String of(String artifact) {
    for (String jar : System.getProperty("java.class.path").split(":")) {
      String name = Path.of(jar).getFileName().toString();
      if (name.startsWith(artifact + "-") && name.endsWith(".jar")) {
        return name.substring(artifact.length() + 1, name.length() - ".jar".length());
      }
    }
    return "unknown";
  }
}
