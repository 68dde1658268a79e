package io.shale;

/** The shard had a write error; it answers reads and refuses writes until the store is opened again. */
public final class ReadOnlyException extends ShaleIOException {
  private static final long serialVersionUID = 1;

  ReadOnlyException(String message, int errno, int shard) {
    super(StatusCode.E_READ_ONLY, message, errno, shard);
  }
}
