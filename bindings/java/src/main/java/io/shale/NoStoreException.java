package io.shale;

/** There is no store at that path, and it was not to be created. */
public final class NoStoreException extends ShaleException {
  private static final long serialVersionUID = 1;

  NoStoreException(String message) { super(StatusCode.E_NO_STORE, message, 0, -1); }
}
