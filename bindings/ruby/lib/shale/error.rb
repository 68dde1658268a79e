# frozen_string_literal: true

module Shale
  # Anything that the library reports as an error. Rescue this class to catch them all, or one of its
  # subclasses:
  #
  # InvalidError:: an argument has a value that makes no sense
  # ClosedError:: the database (or iterator, or batch) was closed
  # ForkedError:: the database was opened by the parent of this process
  # IOError:: the operating system reported an error; see #errno
  # CorruptionError:: stored bytes are damaged
  # NoSpaceError:: the disk, or the memory of an in-memory store, is full
  # OutOfMemoryError:: memory allocation failed
  # LockedError:: the store is open elsewhere
  # ReadOnlyError:: writes are refused: the store was opened read-only, or a part of it had a write error
  # TooLargeError:: a key, value or batch is above its limit
  # OverflowError:: a counter would leave 64 bits
  # NotANumberError:: what is stored is not a counter
  # IncompatibleError:: not a store, or not one that can be opened this way
  # NoStoreError:: nothing is there, and it was not to be created
  # ExistsError:: there is a store, and <tt>error_if_exists: true</tt> was given
  # LimitError:: a limit of the process is too low
  # InternalError:: a defect of the library
  # WouldBlockError:: only memory was to be asked, and memory does not know; or the time to wait is over
  # CancelledError:: a block has ended long work
  #
  # A wrong type is a TypeError, and a missing key that has to be there is a NotFoundError, which is a
  # KeyError.
  #
  #   begin
  #     db.incr("name")
  #   rescue Shale::NotANumberError => e
  #     warn e.message
  #   rescue Shale::Error => e
  #     warn "#{e.code_name}: #{e.message}"
  #   end
  #
  # After an error of a write the outcome is unknown until the key is read; a batch is never half done.
  class Error < StandardError
    # The status of the library, one of the constants of Code.
    attr_reader :code

    # Number of the operating system's error (see Errno), 0 if none was involved.
    attr_reader :errno

    # Disk shard that failed, nil if the error concerns no single shard.
    attr_reader :shard

    # Made by the library's calls; +code+ is one of Code.
    def initialize(message = nil, code: self.class::CODE, errno: 0, shard: nil)
      super(message || Raw.shale_status_text(code))
      @code = code
      @errno = errno
      @shard = shard
    end

    # Name of the status: <tt>"E_CLOSED"</tt>.
    def code_name
      Raw.shale_status_name(code)
    end

    # Status that an error of this class has if none is given.
    CODE = Code::E_INTERNAL

    # The exception for a status; what the extension calls.
    def self.for(code, message, errno, shard) # :nodoc:
      BY_CODE.fetch(code, Error).new(message, code: code, errno: errno, shard: shard)
    end
  end

  # An argument has a value that makes no sense; the message says which and what would.
  class InvalidError < Error
    CODE = Code::E_INVALID # :nodoc:
  end

  # The database was closed, or the cursor or batch is over. Not an ::IOError: <tt>rescue Shale::Error</tt>
  # catches it.
  class ClosedError < Error
    CODE = Code::E_CLOSED # :nodoc:
  end

  # The database was opened before this process was forked. Open it again in the child, after the parent has
  # closed it.
  class ForkedError < Error
    CODE = Code::E_FORKED # :nodoc:
  end

  # The operating system reported an error; #errno says which. Not Ruby's ::IOError.
  class IOError < Error
    CODE = Code::E_IO # :nodoc:
  end

  # Stored bytes are damaged; the message names file and place.
  class CorruptionError < Error
    CODE = Code::E_CORRUPT # :nodoc:
  end

  # The disk is full, or in memory-only mode the memory budget.
  class NoSpaceError < Error
    CODE = Code::E_NO_SPACE # :nodoc:
  end

  # Memory allocation failed inside the library.
  class OutOfMemoryError < Error
    CODE = Code::E_NO_MEMORY # :nodoc:
  end

  # Another process, or another object of this one, has the store open.
  class LockedError < Error
    CODE = Code::E_LOCKED # :nodoc:
  end

  # This disk shard had a write error; it answers reads, and refuses writes until the store is opened again.
  class ReadOnlyError < Error
    CODE = Code::E_READ_ONLY # :nodoc:
  end

  # A key, a value or a batch is above its limit: Flag::KEY_BYTES_MAX, Flag::VALUE_BYTES_MAX,
  # Flag::BATCH_BYTES_MAX.
  class TooLargeError < Error
    CODE = Code::E_TOO_LARGE # :nodoc:
  end

  # A counter would leave the range of 64 bits; it is unchanged.
  class OverflowError < Error
    CODE = Code::E_OVERFLOW # :nodoc:
  end

  # The value is not a decimal number of 64 bits; it is unchanged.
  class NotANumberError < Error
    CODE = Code::E_NOT_A_NUMBER # :nodoc:
  end

  # What is there is not a store, or one that this version or these options cannot open. It was not changed.
  class IncompatibleError < Error
    CODE = Code::E_INCOMPATIBLE # :nodoc:
  end

  # Nothing is at that path, and the store was opened with <tt>create: false</tt>.
  class NoStoreError < Error
    CODE = Code::E_NO_STORE # :nodoc:
  end

  # A limit of the process, on files or threads, is too low; the message names the number that is needed.
  class LimitError < Error
    CODE = Code::E_LIMIT # :nodoc:
  end

  # A defect of the library.
  class InternalError < Error
    CODE = Code::E_INTERNAL # :nodoc:
  end

  # There is a store at that path, and it was opened with <tt>error_if_exists: true</tt>.
  class ExistsError < Error
    CODE = Code::EXISTS # :nodoc:
  end

  # Long work whose block has returned false.
  class CancelledError < Error
    CODE = Code::CANCELLED # :nodoc:
  end

  # A read with <tt>cache_only: true</tt> of a key that only the disk knows about; or another thread loads a key
  # and has not brought it in time.
  class WouldBlockError < Error
    CODE = Code::WOULD_BLOCK # :nodoc:
  end

  # A key that has to be there is not: raised by DB#fetch and DB#fetch_values. Being a KeyError it has
  # +receiver+ and +key+.
  class NotFoundError < KeyError
  end

  class Error # :nodoc:
    BY_CODE = Shale.constants.map { |name| Shale.const_get(name) }
                   .select { |c| c.is_a?(Class) && c < Error }.to_h { |c| [c::CODE, c] }.freeze
    private_constant :BY_CODE
  end
end
