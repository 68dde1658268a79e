package io.shale;

import java.nio.charset.StandardCharsets;

/**
 * An error that the store reported. Its subclasses are the ones that programs tell apart most often; {@link
 * #code()} tells all of them apart. Two errors of use have types of the Java library instead: a call on what
 * was closed is a {@link ClosedException}, which is an {@link IllegalStateException}, and an argument out of
 * its range is an {@link IllegalArgumentException}.
 *
 * <p>After an error of a write it is unknown whether the write happened, until the key is read back; but a
 * batch never happens in part.
 */
public class ShaleException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** One of {@link StatusCode}. */
  private final int code;

  /** 0 if no system call was involved. */
  private final int errno;

  /** -1 if no single shard was. */
  private final int shard;

  ShaleException(int code, String message, int errno, int shard) { this(code, message, errno, shard, true); }

  ShaleException(int code, String message, int errno, int shard, boolean stackTrace) {
    super(message, null, false, stackTrace);
    this.code = code;
    this.errno = errno;
    this.shard = shard;
  }

  /**
   * What was reported.
   *
   * @return one of {@link StatusCode}
   */
  public final int code() { return code; }

  /**
   * What the operating system said.
   *
   * @return the number of the failed system call's error, 0 if none was involved
   */
  public final int errno() { return errno; }

  /**
   * Where it happened.
   *
   * @return the disk shard that failed, -1 if the error concerns no single shard
   */
  public final int shard() { return shard; }

  /** For the few calls that report an error without an error object. */
  static int check(int status) {
    if (status < 0) {
      throw of(status, NativeJNI.shale_status_text(status).getBytes(StandardCharsets.UTF_8), 0, -1);
    }
    return status;
  }

  /** Called from native code, with a status below 0 or WOULD_BLOCK. */
  static RuntimeException of(int code, byte[] utf8, int errno, int shard) {
    String message = new String(utf8, StandardCharsets.UTF_8);
    switch (code) {
      case StatusCode.WOULD_BLOCK:
        return new WouldBlockException(message);
      case StatusCode.E_INVALID:
        return new IllegalArgumentException(message);
      case StatusCode.E_CLOSED:
        return new ClosedException(message);
      case StatusCode.E_CORRUPT:
        return new CorruptionException(message, errno, shard);
      case StatusCode.E_IO:
        return new ShaleIOException(code, message, errno, shard);
      case StatusCode.E_NO_SPACE:
        return new NoSpaceException(message, errno, shard);
      case StatusCode.E_READ_ONLY:
        return new ReadOnlyException(message, errno, shard);
      case StatusCode.E_LOCKED:
        return new LockedException(message, errno);
      case StatusCode.E_NO_STORE:
        return new NoStoreException(message);
      case StatusCode.E_OVERFLOW:
      case StatusCode.E_NOT_A_NUMBER:
        return new CounterException(code, message);
      default:
        return new ShaleException(code, message, errno, shard);
    }
  }
}
