# frozen_string_literal: true

module Shale
  # Reading in the order of the keys, of a DB or a Snapshot. With Enumerable, +map+, +select+, +first+, +lazy+,
  # +to_h+ and so on are there too.
  #
  # A store on disk is seen as it was when the iteration began, whatever is written meanwhile; one in memory
  # gives each value as it is when its row is reached. Rows come as they are needed. Beginning to iterate may
  # block, and briefly holds up writers; it gives up the lock of the VM.
  #
  # +reverse+:: from the highest key down
  # +limit+:: most rows to return; nil for all
  module Iteration
    include Enumerable

    # Yields each key and value; an Enumerator without a block. Also called each_pair.
    #
    #   db.each { |key, value| puts "#{key}=#{value}" }
    #   db.lazy.map(&:last).reject(&:empty?).first(3)
    def each(reverse: false, limit: nil, &block)
      range(nil, reverse: reverse, limit: limit, &block)
    end
    alias each_pair each

    # Yields each key, without reading values; an Enumerator without a block. +within+ is a Range as in
    # #range; +prefix+ as in #each_prefix.
    def each_key(within = nil, prefix: nil, reverse: false, limit: nil, &block)
      return to_enum(:each_key, within, prefix: prefix, reverse: reverse, limit: limit) unless block

      rows(new_iter(within, prefix, reverse, limit, keys_only: true), &block)
    end

    # Yields the keys and values whose key starts with +prefix+; an Enumerator without a block.
    #
    #   db.each_prefix("user:").count
    def each_prefix(prefix, reverse: false, limit: nil, &block)
      return to_enum(:each_prefix, prefix, reverse: reverse, limit: limit) unless block

      rows(new_iter(nil, prefix, reverse, limit), &block)
    end

    # Yields the keys and values whose key lies in a Range of Strings, either end of which may be open; an
    # Enumerator without a block. Keys are compared byte by byte.
    #
    #   db.range("a"..."c").to_a            # a and b
    #   db.range("a".."c").to_a             # and c
    #   db.range("m".., reverse: true, limit: 10) { |key, value| puts key, value }
    def range(within, reverse: false, limit: nil, &block)
      return to_enum(:range, within, reverse: reverse, limit: limit) unless block

      rows(new_iter(within, nil, reverse, limit), &block)
    end

    # The keys as an Array; arguments as #each_key.
    def keys(within = nil, **choice)
      each_key(within, **choice).to_a
    end

    # True if there is no key.
    def empty?
      each_key(limit: 1).first.nil?
    end

    # A Cursor, for reading on later or elsewhere. +within+, +prefix+, +reverse+ and +limit+ as in #each_key;
    # <tt>keys_only: true</tt> reads no values. With a block: yields the cursor and closes it afterwards.
    def cursor(within = nil, prefix: nil, reverse: false, limit: nil, keys_only: false, &block)
      iter = new_iter(within, prefix, reverse, limit, keys_only: keys_only)
      Cursor.open(self, iter, keys_only, &block)
    end

    # A Cursor that goes on after the row at which Cursor#token was taken: same bounds and direction, what is
    # left of the limit, over the store as it is now. Say <tt>keys_only: true</tt> again if the first cursor
    # had it.
    def resume(token, keys_only: false, &block)
      Cursor.open(self, iter_behind(token), keys_only, &block)
    end

    private

    def rows(iter, &block)
      while (some = Raw.rows(iter))
        some.each(&block)
      end
      self
    ensure
      Raw.shale_iter_free(iter)
    end

    def new_iter(within, prefix, reverse, limit, keys_only: false)
      raise InvalidError, "a limit is at least 1, or nil for all rows" if limit == 0
      raise InvalidError, "a range and a prefix do not go together" if within && prefix

      flags = (reverse ? Flag::REVERSE : 0) | (keys_only ? Flag::KEYS_ONLY : 0)
      return iter_with(prefix, limit || 0, flags) if prefix

      iter_between(*(within.nil? ? [nil, nil] : bounds(within)), limit || 0, flags)
    end

    # A Range as "from" and "before".
    def bounds(within)
      strings = ->(bound) { bound.nil? || bound.is_a?(String) }
      unless within.is_a?(Range) && [within.begin, within.end].all?(&strings)
        raise TypeError, "wrong argument #{within.inspect} (expected a Range of Strings)"
      end

      last = within.end
      last = key_after(last) unless last.nil? || within.exclude_end?
      [within.begin, last]
    end

    # The first key that is larger than +key+.
    def key_after(key)
      bytes = key.b
      return bytes << "\0".b if bytes.bytesize < Flag::KEY_BYTES_MAX

      # There are no longer keys, so the next one is the next number with as many digits.
      bytes = bytes.sub(/\xFF+\z/n, "")
      return nil if bytes.empty?

      bytes.setbyte(-1, bytes.getbyte(-1) + 1)
      bytes
    end
  end
end
