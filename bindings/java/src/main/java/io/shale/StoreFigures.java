package io.shale;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/** Figures about the open store, and what has left its memory. */
abstract class StoreFigures extends StoreBackups {
  StoreFigures(long handle) { super(handle); }

  /**
   * One figure about the store.
   *
   * @param name one of {@link StatName}
   * @return the figure now
   * @throws NoSuchElementException if there is no such figure
   */
  public long stat(String name) {
    long[] value = new long[1];
    try {
      if (NativeJNI.shale_stat(handle, Text.of("name", name), value) != StatusCode.OK) {
        throw new NoSuchElementException("no figure is called " + name);
      }
      return value[0];
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * All figures about the store, by {@link StatName}.
   *
   * @return a map of the caller's, in the order of the library; what the figures mean is in {@link
   *     ShaleLibrary#stats()}
   */
  public Map<String, Long> stats() {
    Map<String, Long> figures = new LinkedHashMap<>();
    for (StatInfo figure : ShaleLibrary.stats()) {
      figures.put(figure.name(), stat(figure.name()));
    }
    return Collections.unmodifiableMap(figures);
  }

  /**
   * All figures about the store as one JSON object, for logs.
   *
   * @return one line
   */
  public String statsJson() {
    try {
      return new String(NativeJNI.shale_stats_json(handle), StandardCharsets.UTF_8);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * All figures about the store in Prometheus' text format, to be served as {@code text/plain;
   * version=0.0.4}.
   *
   * @return many lines
   */
  public String prometheus() {
    try {
      return new String(NativeJNI.shale_stats_prometheus(handle), StandardCharsets.UTF_8);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * What has left the memory tier since the last call, some at a time: an empty list if nothing has happened.
   * Needs the option {@link OptionName#EVENTS_BYTES}.
   *
   * @return the removals, each of them once
   * @throws IllegalArgumentException if the store was opened without that option
   */
  public Removals pollRemovals() {
    long[] rowsAndDropped = new long[2];
    try {
      byte[] rows = NativeJNI.events_poll(handle, rowsAndDropped);
      return Removals.unpack(rows, rowsAndDropped[0], rowsAndDropped[1]);
    } finally {
      Reference.reachabilityFence(this);
    }
  }
}
