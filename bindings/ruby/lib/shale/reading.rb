# frozen_string_literal: true

module Shale
  class DB
    ##
    # :method: []
    # :call-seq: db[key] -> String or nil
    #
    # The value, nil if there is no such key. From memory without giving up the lock of the VM, else from disk
    # without it.

    ##
    # :method: get_into
    # :call-seq: get_into(key, buffer) -> buffer or nil
    #
    # The value, in the String +buffer+, whose old bytes are gone: for loops over many keys, because a value that
    # fits into the buffer needs no new String. Returns +buffer+; nil, and an empty buffer, if there is no such
    # key.
    #
    #   buffer = String.new(capacity: 4096)
    #   %w[a b].each { |key| puts buffer if db.get_into(key, buffer) }

    ##
    # :method: key?
    # :call-seq: key?(key) -> true or false
    #
    # True if the key exists. Also called has_key?, include? and member?.

    ##
    # :method: values_at
    # :call-seq: values_at(*keys) -> Array
    #
    # The values of many keys in one call, nil where there is no such key. Each key is read by itself, not all
    # at one instant.
    #
    #   db.values_at("a", "b") # => ["1", nil]

    alias has_key? key?
    alias include? key?
    alias member? key?

    # The value, nil if there is no such key. As <tt>db[key]</tt>, and:
    #
    # +cache_only+:: asks memory only and never blocks; WouldBlockError if only the disk knows
    # +fill+:: false: what is loaded from disk is not kept in memory, as fits a scan over everything
    def get(key, cache_only: false, fill: true)
      status, value, = Raw.shale_get_view(self, key, read_flags(cache_only, fill))
      raise WouldBlockError if status == Code::WOULD_BLOCK

      value
    end

    # The value and its version, nil if there is no such key. The version grows with every change of the key,
    # also over delete and reopen, and is what #compare_version_and_set takes.
    #
    #   value, version = db.get_with_version("balance")
    def get_with_version(key, cache_only: false)
      status, value, version = Raw.shale_get_view(self, key, read_flags(cache_only, true))
      raise WouldBlockError if status == Code::WOULD_BLOCK

      status == Code::OK ? [value, version] : nil
    end

    # The version of a key, nil if there is no such key.
    def version(key)
      get_with_version(key)&.last
    end

    # The values of an Array of keys in one call, as a Hash; keys that do not exist have nil. With
    # <tt>cache_only: true</tt> nothing blocks, and keys that memory knows nothing about are left out. +fill+
    # as in #get.
    def get_many(keys, cache_only: false, fill: true)
      values = Raw.shale_multi_get(self, keys, read_flags(cache_only, fill))
      keys.zip(values).reject { |_, value| value == false }.to_h
    end

    # Hash#slice: those of +keys+ that exist, with their values.
    def slice(*keys)
      get_many(keys).compact
    end

    # What memory knows about a key, without blocking: true if it exists, false if not, nil if only the disk
    # knows.
    def cached?(key)
      status = Raw.shale_exists(self, key, Flag::CACHE_ONLY)
      status == Code::WOULD_BLOCK ? nil : status == Code::OK
    end

    # Seconds that a key has left, as a Float; Float::INFINITY if it does not expire, nil if there is no such
    # key.
    #
    #   db.store("k", "v", ttl: 60)
    #   db.ttl("k") # => 59.999
    def ttl(key, cache_only: false)
      status, left_ms = Raw.shale_ttl(self, key, read_flags(cache_only, true))
      raise WouldBlockError if status == Code::WOULD_BLOCK
      return nil unless status == Code::OK

      left_ms == Flag::TTL_NEVER ? Float::INFINITY : left_ms / 1000.0
    end
  end
end
