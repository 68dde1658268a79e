// Made by `make generate` from the library's own tables; do not edit.
package io.shale;

/** Numbers of the outcomes and errors of the library, as {@link ShaleException#code()} returns them. */
public final class StatusCode {
  /** Success. */
  public static final int OK = 0;

  /** No such key. */
  public static final int NOT_FOUND = 1;

  /** The key exists. */
  public static final int EXISTS = 2;

  /** The compared value or version differs. */
  public static final int MISMATCH = 3;

  /** The buffer is too small. */
  public static final int TOO_SMALL = 4;

  /** The answer would take longer than the caller waits. */
  public static final int WOULD_BLOCK = 5;

  /** No more rows. */
  public static final int END = 6;

  /** Ended because the caller's progress function asked for it. */
  public static final int CANCELLED = 7;

  /** The caller is to load the key. */
  public static final int LEASED = 8;

  /** The value's time is over and somebody loads a new one. */
  public static final int STALE = 9;

  /** An argument is not valid. */
  public static final int E_INVALID = -1;

  /** The database is closed. */
  public static final int E_CLOSED = -2;

  /** The handle belongs to the parent process. */
  public static final int E_FORKED = -3;

  /** The operating system reported an error. */
  public static final int E_IO = -4;

  /** Stored bytes are damaged. */
  public static final int E_CORRUPT = -5;

  /** No space is left. */
  public static final int E_NO_SPACE = -6;

  /** Memory allocation failed. */
  public static final int E_NO_MEMORY = -7;

  /** The store is open elsewhere. */
  public static final int E_LOCKED = -8;

  /** Writes are refused: the store was opened read-only, or its shard had a write error. */
  public static final int E_READ_ONLY = -9;

  /** A key, value or batch is above its limit. */
  public static final int E_TOO_LARGE = -10;

  /** The counter would leave the range of int64. */
  public static final int E_OVERFLOW = -11;

  /** The value is not a decimal int64. */
  public static final int E_NOT_A_NUMBER = -12;

  /** Not a store that can be opened this way. */
  public static final int E_INCOMPATIBLE = -13;

  /** There is no store. */
  public static final int E_NO_STORE = -14;

  /** A limit of the process is too low. */
  public static final int E_LIMIT = -15;

  /** A defect of the library. */
  public static final int E_INTERNAL = -16;

  private StatusCode() {}

  /**
   * Name of a status.
   *
   * @param code a number
   * @return its name, "UNKNOWN" for a number that is none
   */
  public static String name(int code) {
    switch (code) {
      case OK:
        return "OK";
      case NOT_FOUND:
        return "NOT_FOUND";
      case EXISTS:
        return "EXISTS";
      case MISMATCH:
        return "MISMATCH";
      case TOO_SMALL:
        return "TOO_SMALL";
      case WOULD_BLOCK:
        return "WOULD_BLOCK";
      case END:
        return "END";
      case CANCELLED:
        return "CANCELLED";
      case LEASED:
        return "LEASED";
      case STALE:
        return "STALE";
      case E_INVALID:
        return "E_INVALID";
      case E_CLOSED:
        return "E_CLOSED";
      case E_FORKED:
        return "E_FORKED";
      case E_IO:
        return "E_IO";
      case E_CORRUPT:
        return "E_CORRUPT";
      case E_NO_SPACE:
        return "E_NO_SPACE";
      case E_NO_MEMORY:
        return "E_NO_MEMORY";
      case E_LOCKED:
        return "E_LOCKED";
      case E_READ_ONLY:
        return "E_READ_ONLY";
      case E_TOO_LARGE:
        return "E_TOO_LARGE";
      case E_OVERFLOW:
        return "E_OVERFLOW";
      case E_NOT_A_NUMBER:
        return "E_NOT_A_NUMBER";
      case E_INCOMPATIBLE:
        return "E_INCOMPATIBLE";
      case E_NO_STORE:
        return "E_NO_STORE";
      case E_LIMIT:
        return "E_LIMIT";
      case E_INTERNAL:
        return "E_INTERNAL";
      default:
        return "UNKNOWN";
    }
  }
}
