package peers;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the operating system knows about this process and its directory. */
final class ProcessFigures {
  private static final com.sun.management.OperatingSystemMXBean SYSTEM =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private ProcessFigures() {}

  static double cpuSeconds() { return SYSTEM.getProcessCpuTime() * 1e-9; }

  /** A line "name: number" of a file in /proc/self; -1 if there is none. */
  private static long field(String file, String name) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self", file))) {
        if (line.startsWith(name + ":")) {
          return Long.parseLong(line.substring(name.length() + 1).replace("kB", "").trim());
        }
      }
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
    return -1;
  }

  static double peakRssMib() { return field("status", "VmHWM") / 1024.0; }

  static long writtenBytes() { return Math.max(0, field("io", "write_bytes")); }

  /** What the files below a directory occupy, by du, because Java has no view of st_blocks; -1 without du. */
  static double diskMib(String directory) {
    try {
      Process du = new ProcessBuilder("du", "-s", "-B1", directory).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String text = new String(du.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return Long.parseLong(text.substring(0, text.indexOf('\t'))) / 1048576.0;
    } catch (IOException | RuntimeException e) {
      return -1;
    }
  }
}
