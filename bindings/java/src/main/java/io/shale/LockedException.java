package io.shale;

/** The store is open already, here or in another process. */
public final class LockedException extends ShaleException {
  private static final long serialVersionUID = 1;

  LockedException(String message, int errno) { super(StatusCode.E_LOCKED, message, errno, -1); }
}
