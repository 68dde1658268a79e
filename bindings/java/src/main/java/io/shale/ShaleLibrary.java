package io.shale;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/** What the loaded library says about itself. None of it waits for the disk. */
public final class ShaleLibrary {
  private static final List<OptionInfo> OPTIONS = readOptions();
  private static final List<StatInfo> STATS = readStats();

  private ShaleLibrary() {}

  /**
   * Its version as text.
   *
   * @return "1.0.0"
   */
  public static String version() { return NativeJNI.shale_version_string(); }

  /**
   * Its version as a number that can be compared.
   *
   * @return major * 1,000,000 + minor * 1,000 + patch
   */
  public static int versionNumber() { return NativeJNI.shale_version_number(); }

  /**
   * All options of a store.
   *
   * @return an unmodifiable list
   */
  public static List<OptionInfo> options() { return OPTIONS; }

  /**
   * All figures of a store.
   *
   * @return an unmodifiable list
   */
  public static List<StatInfo> stats() { return STATS; }

  /**
   * A number of the C interface.
   *
   * @param name its name without SHALE_, "KEY_BYTES_MAX"
   * @return its value
   * @throws NoSuchElementException if there is none of that name
   */
  public static long constant(String name) {
    long[] value = new long[1];
    if (ShaleException.check(NativeJNI.shale_constant(Text.of("name", name), value)) != StatusCode.OK) {
      throw new NoSuchElementException("no constant is called " + name);
    }
    return value[0];
  }

  /**
   * The library's own name of a status; the same as {@link StatusCode#name(int)} when both are of one
   * version.
   *
   * @param code a number
   * @return its name, "UNKNOWN" for a number that is none
   */
  public static String statusName(int code) { return NativeJNI.shale_status_name(code); }

  /**
   * What a status means.
   *
   * @param code a number
   * @return one line of English
   */
  public static String statusText(int code) { return NativeJNI.shale_status_text(code); }

  /**
   * Number of native objects that this process holds: stores, cursors, views. For tests that look for leaks:
   * it is 0 after everything was closed and the garbage collector has run.
   *
   * @return the number now
   */
  public static long liveHandles() { return NativeJNI.shale_live_handles(); }

  private static List<OptionInfo> readOptions() {
    List<OptionInfo> options = new ArrayList<>();
    String[] name = new String[1];
    String[] type = new String[1];
    String[] value = new String[1];
    String[] range = new String[1];
    String[] doc = new String[1];
    long[] hot = new long[1];
    for (long i = 0; i < NativeJNI.shale_option_count(); i++) {
      NativeJNI.shale_option_at(i, name, type, value, range, hot, doc);
      options.add(new OptionInfo(name[0], type[0], value[0], range[0], hot[0] != 0, doc[0]));
    }
    return List.copyOf(options);
  }

  private static List<StatInfo> readStats() {
    List<StatInfo> figures = new ArrayList<>();
    String[] name = new String[1];
    String[] kind = new String[1];
    String[] doc = new String[1];
    for (long i = 0; i < NativeJNI.shale_stat_count(); i++) {
      NativeJNI.shale_stat_at(i, name, kind, doc);
      figures.add(new StatInfo(name[0], kind[0], doc[0]));
    }
    return List.copyOf(figures);
  }
}
