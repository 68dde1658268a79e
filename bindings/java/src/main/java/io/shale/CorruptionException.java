package io.shale;

/** Stored bytes are damaged; the message names file and offset. */
public final class CorruptionException extends ShaleException {
  private static final long serialVersionUID = 1;

  CorruptionException(String message, int errno, int shard) {
    super(StatusCode.E_CORRUPT, message, errno, shard);
  }
}
