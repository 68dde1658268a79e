package io.shale;

/**
 * The memory tier alone cannot answer, and the call was not to wait for the disk. It carries no stack
 * trace, for it is part of the usual flow of such a call.
 */
public final class WouldBlockException extends ShaleException {
  private static final long serialVersionUID = 1;

  WouldBlockException(String message) { super(StatusCode.WOULD_BLOCK, message, 0, -1, false); }
}
