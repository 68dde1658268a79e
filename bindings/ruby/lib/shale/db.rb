# frozen_string_literal: true

require "json"

module Shale
  # An open store. Made by Shale.open or Shale.memory; reads and writes like a Hash whose keys and values are
  # Strings of bytes, in the order of the keys. Any number of threads may use it at once.
  #
  # Keys are 1 to 65,535 bytes, values up to 1 GiB. What is not a String is a TypeError. Strings are compared
  # byte by byte, whatever their encoding; those that come back are new, unfrozen, and in the encoding that
  # was asked for at open.
  #
  # Every method may raise ClosedError, ForkedError and InvalidError; what reaches the disk also IOError and
  # CorruptionError; what writes also NoSpaceError, ReadOnlyError and TooLargeError.
  class DB
    include Lookup
    include Iteration

    # The directory, nil for a store in memory.
    attr_reader :path

    # The Encoding of the Strings that come back.
    attr_reader :encoding

    # See Shale.open. A +path+ of nil is a store in memory.
    def initialize(path, memory: nil, durability: nil, policy: nil, ttl: nil, create: nil, error_if_exists: nil,
                   key: nil, options: {}, encoding: Encoding::BINARY)
      @path = path
      @encoding = Encoding.find(encoding)
      Raw.configure(self, !path.nil? && !path.empty?, @encoding)
      named = { "memory.budget" => memory, "durability" => durability, "cache.policy" => policy,
                "open.create" => create, "open.error_if_exists" => error_if_exists,
                "ttl.default_ms" => ttl && ttl_ms(ttl) }.compact
      status = Settings.with(named.merge(options), key) { |handle| Raw.shale_open(path, handle, self) }
      raise ExistsError if status == Code::EXISTS
    end

    ##
    # :method: closed?
    # True once #close was called.

    # Writes everything down and gives the store back, so that others can open it. Waits for calls that are
    # under way in other threads; later ones raise ClosedError, as do cursors. Closing twice is fine. Reports
    # the first error that was met; the store is closed all the same. May block, without the lock of the VM. A
    # DB that is never closed is closed when it is garbage collected or the program ends, which then waits for
    # it.
    def close
      Raw.shale_close(self) unless closed?
      nil
    end

    # Moves everything that is pending into the index, so that the next open has nothing to replay. May block.
    def flush
      Raw.shale_flush(self)
      self
    end

    # Returns when every write so far would survive power loss. May block.
    def sync
      Raw.shale_sync(self)
      self
    end

    # All figures as a Hash: <tt>{ "cache.hits" => 12, ... }</tt>. Shale.statistics explains them. Does not
    # block.
    def stats
      _, text = Raw.shale_stats_json(self)
      JSON.parse(text)
    end

    # One figure by name, such as Stat::CACHE_HITS; nil if there is none of that name. Does not block.
    #
    #   db.stat("cache.items") # how many keys are in memory
    def stat(name)
      status, value = Raw.shale_stat(self, name.to_s)
      status == Code::OK ? value : nil
    end

    # Effective value of an option as text, automatic sizes as chosen; nil if there is none of that name.
    #
    #   db.option("durability") # => "os"
    def option(name)
      Raw.shale_db_option(self, name.to_s).last
    end

    # State of a disk shard, 0 to 63: <tt>:open</tt>, or <tt>:read_only</tt> after a write error. Does not
    # block.
    def shard_state(shard)
      _, state = Raw.shale_shard_state(self, shard)
      state == Flag::SHARD_OPEN ? :open : :read_only
    end

    # Says where the store is and whether it is open; contents are not shown.
    def inspect
      "#<#{self.class} #{path ? path.inspect : 'in memory'}#{' (closed)' if closed?}>"
    end

    private

    def ttl_ms(ttl)
      TimeToLive.ms(ttl)
    end

    def iter_between(from, to, limit, flags)
      Raw.shale_iter_new(self, from, to, limit, flags).last
    end

    def iter_with(prefix, limit, flags)
      Raw.shale_iter_prefix(self, prefix, limit, flags).last
    end

    def iter_behind(token)
      Raw.shale_iter_resume(self, token).last
    end

    def write_flags(sync, write_around: false, if_absent: false, if_present: false)
      (sync ? Flag::SYNC : 0) | (write_around ? Flag::WRITE_AROUND : 0) |
        (if_absent ? Flag::IF_ABSENT : 0) | (if_present ? Flag::IF_PRESENT : 0)
    end

    def read_flags(cache_only, fill)
      (cache_only ? Flag::CACHE_ONLY : 0) | (fill ? 0 : Flag::NO_FILL)
    end

    # A String of the library in the encoding of this DB.
    def encoded(string)
      string.nil? || @encoding == Encoding::BINARY ? string : string.force_encoding(@encoding)
    end
  end
end
