# frozen_string_literal: true

module Shale
  # A place in the order of the keys, made by DB#cursor or DB#resume. One thread uses it at a time; a second
  # one that comes in between gets InvalidError. Close it when done: until then it holds what it reads from.
  #
  #   token = db.cursor(prefix: "user:") do |cursor|
  #     10.times { p cursor.next }
  #     cursor.token
  #   end
  #   db.resume(token) { |cursor| p cursor.next } # the 11th, also tomorrow
  class Cursor
    include Enumerable

    class << self
      def open(owner, iter, keys_only) # :nodoc:
        cursor = new(owner, iter, keys_only)
        return cursor unless block_given?

        begin
          yield cursor
        ensure
          cursor.close
        end
      end

      private :new
    end

    def initialize(owner, iter, keys_only) # :nodoc:
      @owner = owner # which is not collected, and thereby closed, while there are rows to read
      @iter = iter
      @encoding = owner.encoding
      @keys_only = keys_only
      @closed = false
    end

    # The next row: <tt>[key, value]</tt>, or the key of a cursor with <tt>keys_only: true</tt>; nil after the
    # last one. May block.
    def next
      status, key, value = Raw.shale_iter_next(@iter)
      return nil if status == Code::END

      key.force_encoding(@encoding)
      @keys_only ? key : [key, value.force_encoding(@encoding)]
    end

    # Yields the rows that are left; an Enumerator without a block.
    def each
      return to_enum(:each) unless block_given?

      while (row = self.next)
        yield row
      end
      self
    end

    # A String for DB#resume, good also in another process and after the store was closed. It contains the
    # last key.
    def token
      Raw.shale_iter_token(@iter).last
    end

    # Gives back what the cursor holds. Later calls raise ClosedError; closing twice is fine.
    def close
      Raw.shale_iter_free(@iter)
      @closed = true
      nil
    end

    # True once #close was called.
    def closed?
      @closed
    end
  end
end
