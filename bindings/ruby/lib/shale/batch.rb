# frozen_string_literal: true

module Shale
  class DB
    # Collects writes in a Batch and does them when the block ends: all of them or none, also over a crash,
    # and nobody sees a part of them. If the block raises, nothing is written. Returns what the block
    # returned.
    #
    #   db.batch do |b|
    #     b["balance:ann"] = "90"
    #     b["balance:bob"] = "110"
    #     b.delete "transfer:7"
    #   end
    #
    # With <tt>sync: true</tt> it returns when the batch would survive power loss. TooLargeError above
    # Flag::BATCH_BYTES_MAX.
    def batch(sync: false)
      _, handle = Raw.shale_batch_new
      result = yield Batch.new(handle)
      Raw.shale_write(self, handle, write_flags(sync))
      result
    ensure
      Raw.shale_batch_free(handle) if handle
    end
  end

  # The writes of one DB#batch. Keys and values are copied in; later operations on the same key win. One
  # thread uses it at a time, and it is over when the block is: ClosedError.
  class Batch
    def initialize(handle) # :nodoc:
      @handle = handle
    end

    # Sets a key.
    def []=(key, value)
      Raw.shale_batch_put(@handle, key, value, Flag::TTL_DEFAULT)
    end

    # Sets a key, with a time to live in seconds, or <tt>:never</tt>. Returns the value.
    def store(key, value, ttl: nil)
      Raw.shale_batch_put(@handle, key, value, TimeToLive.ms(ttl))
      value
    end

    # Sets all pairs of a Hash.
    def update(pairs)
      pairs.to_hash.each { |key, value| self[key] = value }
      self
    end
    alias merge! update

    # Deletes a key.
    def delete(key)
      Raw.shale_batch_delete(@handle, key)
      nil
    end

    # Number of operations. Also called length.
    def size
      Raw.shale_batch_count(@handle)
    end
    alias length size

    # Sum of the bytes of keys and values.
    def bytesize
      Raw.shale_batch_bytes(@handle)
    end

    # True if nothing was collected.
    def empty?
      size.zero?
    end

    # Forgets what was collected.
    def clear
      Raw.shale_batch_clear(@handle)
      self
    end
  end
end
