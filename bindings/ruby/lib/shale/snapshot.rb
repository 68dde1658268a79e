# frozen_string_literal: true

module Shale
  # A store as it was at one moment, over all keys at once: read it like a DB, from any number of threads. Made by
  # DB#snapshot. What changes later is not seen; keys that expire are gone from that moment on here too.
  #
  #   db["name"] = "before"
  #   db.snapshot do |snapshot|
  #     db["name"] = "after"
  #     snapshot["name"] # => "before"
  #   end
  #
  # While it is held, the disk space of what it can still read is not given back: close it soon. Of a store in memory
  # it is a copy of all keys and values. Memory is not asked and not filled; of a store on disk every read may block,
  # without the lock of the VM. After its DB is closed, reads raise ClosedError.
  class Snapshot
    include Lookup
    include Iteration

    ##
    # :method: []
    # :call-seq: snapshot[key] -> String or nil
    #
    # The value that the key had, nil if there was no such key.

    ##
    # :method: values_at
    # :call-seq: values_at(*keys) -> Array
    #
    # The values that many keys had, nil where there was no such key.

    ##
    # :method: close
    # Gives back what the snapshot holds, when the reads of other threads are done; cursors and iterations that have
    # begun go on. Later calls raise ClosedError; closing twice is fine.

    ##
    # :method: closed?
    # True once #close was called.

    alias get []

    # The value and the version that a key had, nil if there was no such key.
    def get_with_version(key)
      Raw.snapshot_get(self, key)
    end

    # True if the key was there. Also called has_key?, include? and member?.
    def key?(key)
      !self[key].nil?
    end
    alias has_key? key?
    alias include? key?
    alias member? key?

    # The Encoding of the Strings that come back.
    def encoding
      @db.encoding
    end

    # Says whose it is and whether it is open; contents are not shown.
    def inspect
      "#<#{self.class} of #{@db.inspect}#{' (closed)' if closed?}>"
    end

    private

    def iter_between(from, to, limit, flags)
      Raw.shale_snapshot_iter(self, from, to, limit, flags).last
    end

    def iter_with(prefix, limit, flags)
      Raw.shale_snapshot_prefix(self, prefix, limit, flags).last
    end

    def iter_behind(token)
      Raw.shale_snapshot_resume(self, token).last
    end
  end

  class DB
    # Takes a Snapshot. With a block: yields it, closes it afterwards, returns what the block returned. It first
    # writes what is pending to the index, and briefly holds up writers. May block.
    #
    #   db.snapshot { |snapshot| snapshot.each_prefix("user:").count } # => 12
    def snapshot
      _, made = Raw.shale_snapshot_new(self, 0)
      return made unless block_given?

      begin
        yield made
      ensure
        made.close
      end
    end
  end
end
