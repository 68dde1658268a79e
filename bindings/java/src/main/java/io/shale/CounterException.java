package io.shale;

/**
 * The value is not a number that can be counted with, or would leave the range of a long. Nothing was
 * changed.
 */
public final class CounterException extends ShaleException {
  private static final long serialVersionUID = 1;

  CounterException(int code, String message) { super(code, message, 0, -1); }
}
