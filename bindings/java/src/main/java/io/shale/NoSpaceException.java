package io.shale;

/** The disk is full, or the memory of a store without a disk. */
public final class NoSpaceException extends ShaleIOException {
  private static final long serialVersionUID = 1;

  NoSpaceException(String message, int errno, int shard) {
    super(StatusCode.E_NO_SPACE, message, errno, shard);
  }
}
