# frozen_string_literal: true

module Shale
  # How much there is in a range of keys: number of +keys+, and +bytes+ of these keys with their values, as they
  # are stored if these are compressed or encrypted.
  Extent = Struct.new(:keys, :bytes)

  # Ranges of keys as wholes. +within+ is a Range of Strings, either end of which may be open; +prefix+ is what
  # all keys start with.
  class DB
    # Deletes all keys of a range, as one change: all of them or none, also over a crash; iterations see all of
    # them or none. It takes about as long as a batch of 64 deletes and a look at each key of the range that is in
    # memory; the rest is cleared away later. Other reads of single keys may see them go one after the other. One
    # of +within+ and +prefix+ must be given: everything is <tt>nil..nil</tt>. With <tt>sync: true</tt> it returns
    # when the change would survive power loss. May block.
    #
    #   db.delete_range("a"..."c")
    #   db.delete_range(prefix: "session:")
    def delete_range(within = nil, prefix: nil, sync: false)
      raise ArgumentError, "a Range or a prefix is needed (nil..nil: all keys)" if within.nil? && prefix.nil?

      from, to, flags = key_range(within, prefix)
      Raw.shale_delete_range(self, from, to, flags | write_flags(sync))
      self
    end

    # Counts a range by a walk over the keys of one consistent cut; without a range, all keys. Keys that have
    # expired are left out, values are not read. Returns an Extent. Yields how many bytes of how many (about) are
    # done; a block that returns false ends it: CancelledError. May block.
    #
    #   db.update({ "guest:1" => "ann", "guest:2" => "bob" })
    #   db.count_range(prefix: "guest:").to_a # => [2, 20]
    def count_range(within = nil, prefix: nil, &block)
      status, keys, bytes = Raw.count(self, *key_range(within, prefix), block)
      raise CancelledError if status == Code::CANCELLED

      Extent.new(keys, bytes)
    end

    # About the same as #count_range, in milliseconds: exact for up to some 60,000 keys and in memory, off by about
    # 1 % up to some 4 million, and farther off where sizes are uneven. May block.
    def estimate_range(within = nil, prefix: nil)
      Extent.new(*Raw.shale_estimate(self, *key_range(within, prefix)).drop(1))
    end

    # Rewrites the index where it holds a range, so that keys which were deleted or overwritten or have expired take
    # no more time and space there. A store does the same by itself; this is for after a mass of deletes. Other
    # threads go on meanwhile. Yields as #count_range. May block, for as long as it takes to rewrite the index.
    def compact_range(within = nil, prefix: nil, &block)
      raise CancelledError if Raw.compact(self, *key_range(within, prefix), block) == Code::CANCELLED

      self
    end

    private

    # From, to and flags as the library takes them.
    def key_range(within, prefix)
      raise InvalidError, "a range and a prefix do not go together" if within && prefix
      return [prefix, nil, Flag::PREFIX] if prefix

      [*(within.nil? ? [nil, nil] : bounds(within)), 0]
    end
  end
end
