package io.shale;

/** The store or the cursor was closed, or the store of the cursor was. */
public final class ClosedException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  ClosedException(String message) { super(message); }

  /**
   * The same as a number, for programs that look at codes.
   *
   * @return {@link StatusCode#E_CLOSED}
   */
  public int code() { return StatusCode.E_CLOSED; }
}
