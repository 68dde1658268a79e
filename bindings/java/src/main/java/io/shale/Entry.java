package io.shale;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * A key and its value. The arrays are not copied again, they belong to whoever holds the entry; two entries
 * are equal when their bytes are.
 */
public final class Entry {
  private final byte[] key;
  private final byte[] value;

  /**
   * Makes an entry of these arrays, without a copy.
   *
   * @param key the key
   * @param value its value
   */
  public Entry(byte[] key, byte[] value) {
    this.key = Objects.requireNonNull(key, "key");
    this.value = Objects.requireNonNull(value, "value");
  }

  /**
   * Makes an entry of text.
   *
   * @param key the key, stored as UTF-8
   * @param value its value, stored as UTF-8
   * @return a new entry
   */
  public static Entry of(String key, String value) {
    return new Entry(key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The key.
   *
   * @return the array itself
   */
  public byte[] key() { return key; }

  /**
   * The value.
   *
   * @return the array itself; empty when only keys were asked for
   */
  public byte[] value() { return value; }

  /**
   * The key as text.
   *
   * @return the key read as UTF-8
   */
  public String keyText() { return new String(key, StandardCharsets.UTF_8); }

  /**
   * The value as text.
   *
   * @return the value read as UTF-8
   */
  public String valueText() { return new String(value, StandardCharsets.UTF_8); }

  /**
   * Both as text, for maps of the Java library.
   *
   * @return key and value read as UTF-8
   */
  public Map.Entry<String, String> toText() { return Map.entry(keyText(), valueText()); }

  @Override
  public boolean equals(Object other) {
    return other instanceof Entry && Arrays.equals(key, ((Entry) other).key)
        && Arrays.equals(value, ((Entry) other).value);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(key) + Arrays.hashCode(value);
  }

  /** The key as text and the size of the value: values may be secret, and large. */
  @Override
  public String toString() {
    return keyText() + " (" + value.length + " bytes)";
  }
}
