package io.shale;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * One token of the conformance suite: a word, a number, a variable or bytes; perhaps with the name of an
 * argument.
 */
final class ConformanceWord {
  enum Kind { WORD, NUMBER, VARIABLE, BYTES }

  final Kind kind;

  /** Of a named argument, "ttl" of ttl=5; else null. */
  final String name;

  /** Of a word and a variable. */
  final String text;

  final long number;
  final byte[] bytes;

  private ConformanceWord(Kind kind, String name, String text, long number, byte[] bytes) {
    this.kind = kind;
    this.name = name;
    this.text = text;
    this.number = number;
    this.bytes = bytes;
  }

  static ConformanceWord bytes(byte[] bytes) { return new ConformanceWord(Kind.BYTES, null, null, 0, bytes); }

  static ConformanceWord number(long number) {
    return new ConformanceWord(Kind.NUMBER, null, null, number, null);
  }

  static ConformanceWord word(String text) { return new ConformanceWord(Kind.WORD, null, text, 0, null); }

  ConformanceWord named(String newName) { return new ConformanceWord(kind, newName, text, number, bytes); }

  boolean is(String word) { return kind == Kind.WORD && text.equals(word); }

  /** Words of a line, split at spaces outside of quotes. */
  static List<ConformanceWord> split(String line) {
    List<ConformanceWord> words = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i <= line.length(); i++) {
      char c = i < line.length() ? line.charAt(i) : ' ';
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ' ' && (!quoted || i == line.length())) {
        if (i > start) {
          words.add(parse(line.substring(start, i)));
        }
        start = i + 1;
      }
    }
    return words;
  }

  private static ConformanceWord parse(String token) {
    int quote = token.indexOf('"');
    int equals = token.indexOf('=');
    if (equals > 0 && (quote < 0 || equals < quote)) {
      return parse(token.substring(equals + 1)).named(token.substring(0, equals));
    }
    if (quote == 0) {
      return bytes(parseBytes(token));
    }
    if (token.startsWith("$")) {
      return new ConformanceWord(Kind.VARIABLE, null, token.substring(1), 0, null);
    }
    if (token.matches("-?[0-9]+")) {
      return number(Long.parseLong(token));
    }
    return word(token);
  }

  /** Parts "..." or "..."*n, joined by +. */
  private static byte[] parseBytes(String token) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int at = 0;
    while (at < token.length()) {
      ByteArrayOutputStream part = new ByteArrayOutputStream();
      for (at++; token.charAt(at) != '"'; at++) {
        if (token.charAt(at) != '\\') {
          part.write(token.charAt(at));
          continue;
        }
        char escaped = token.charAt(++at);
        if (escaped == 'x') {
          part.write(Integer.parseInt(token.substring(at + 1, at + 3), 16));
          at += 2;
        } else {
          part.write(escaped == 'n' ? '\n' : escaped);
        }
      }
      at++;
      int times = 1;
      if (at < token.length() && token.charAt(at) == '*') {
        int end = at + 1;
        while (end < token.length() && Character.isDigit(token.charAt(end))) {
          end++;
        }
        times = Integer.parseInt(token.substring(at + 1, end));
        at = end;
      }
      for (int i = 0; i < times; i++) {
        all.writeBytes(part.toByteArray());
      }
      if (at < token.length() && token.charAt(at++) != '+') {
        throw new IllegalArgumentException("bytes that cannot be read: " + token);
      }
    }
    return all.toByteArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConformanceWord
        && toString(Integer.MAX_VALUE).equals(((ConformanceWord) other).toString(Integer.MAX_VALUE));
  }

  @Override
  public int hashCode() {
    return toString(Integer.MAX_VALUE).hashCode();
  }

  @Override
  public String toString() {
    return toString(40);
  }

  private String toString(int bytesMax) {
    switch (kind) {
      case NUMBER:
        return Long.toString(number);
      case VARIABLE:
        return "$" + text;
      case WORD:
        return text;
      default:
        StringBuilder shown = new StringBuilder("\"");
        for (int i = 0; i < Math.min(bytes.length, bytesMax); i++) {
          char c = (char) (bytes[i] & 0xff);
          shown.append(
              c >= ' ' && c < 127 && c != '"' && c != '\\' ? "" + c : String.format("\\x%02x", (int) c));
        }
        return shown + "\"" + (bytes.length > bytesMax ? " of " + bytes.length + " bytes" : "");
    }
  }
}
