package io.shale;

/** The operating system reported an error; {@link #errno()} is its number. */
public class ShaleIOException extends ShaleException {
  private static final long serialVersionUID = 1;

  ShaleIOException(int code, String message, int errno, int shard) { super(code, message, errno, shard); }
}
