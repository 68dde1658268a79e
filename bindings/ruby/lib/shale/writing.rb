# frozen_string_literal: true

module Shale
  # Writing. Where a method takes them:
  #
  # +ttl+:: time to live in seconds, Integer or Float; <tt>:never</tt>, <tt>:keep</tt> (the deadline that the
  #         key has now) or
  #         nil for the store's default
  # +sync+:: true: returns when the write would survive power loss, whatever the store's durability
  # +write_around+:: true: the value is not kept in memory
  class DB
    ##
    # :method: []=
    # :call-seq: db[key] = value
    #
    # Sets a key; what it was and its deadline are gone.

    # Sets a key and returns the value, as Hash#store does. See the top for +ttl+, +sync+ and +write_around+.
    #
    #   db.store("session", "token", ttl: 3600, sync: true)
    def store(key, value, ttl: nil, sync: false, write_around: false)
      Raw.shale_put(self, key, value, ttl_ms(ttl), write_flags(sync, write_around: write_around))
      value
    end

    # Sets a key and returns its new version. With <tt>if_absent: true</tt> only if there is no such key, with
    # <tt>if_present: true</tt> only if there is; nil if nothing was written.
    def put(key, value, ttl: nil, sync: false, write_around: false, if_absent: false, if_present: false)
      flags = write_flags(sync, write_around: write_around, if_absent: if_absent, if_present: if_present)
      status, version = Raw.shale_put(self, key, value, ttl_ms(ttl), flags)
      status == Code::OK ? version : nil
    end

    # Sets a key that does not exist, and returns its version; nil, and nothing is changed, if it does.
    def put_if_absent(key, value, ttl: nil, sync: false)
      put(key, value, ttl: ttl, sync: sync, if_absent: true)
    end

    # Sets a key that exists, and returns its version; nil, and nothing is changed, if it does not.
    def replace(key, value, ttl: nil, sync: false)
      put(key, value, ttl: ttl, sync: sync, if_present: true)
    end

    # Deletes a key. True if it was there, else false. To know that may take a look at the disk; <tt>check:
    # false</tt> saves it and returns true.
    def delete(key, check: true, sync: false)
      Raw.shale_delete(self, key, write_flags(sync, if_present: check)) == Code::OK
    end

    # Deletes many keys in one call, each by itself, whether or not they exist.
    def delete_many(keys, sync: false)
      Raw.shale_multi_delete(self, keys, write_flags(sync))
      self
    end

    # Sets all pairs of a Hash in one call. Each key by itself: after an error some may be set (#batch is all
    # or nothing). Also called merge!.
    #
    #   db.update({ "a" => "1", "b" => "2" }, ttl: 60)
    def update(pairs, ttl: nil, sync: false, write_around: false)
      pairs = pairs.to_hash
      flags = write_flags(sync, write_around: write_around)
      Raw.shale_multi_put(self, pairs.keys + pairs.values, ttl_ms(ttl), flags)
      self
    end
    alias merge! update

    # Sets a key and returns the value it had, nil if there was none.
    def get_and_set(key, value, ttl: nil, sync: false)
      _, old, = Raw.shale_get_and_set(self, key, value, ttl_ms(ttl), write_flags(sync))
      encoded(old)
    end

    # Adds +by+ to a counter, which is kept as decimal text, and returns the sum. A missing key counts as 0;
    # the deadline stays. OverflowError, NotANumberError.
    #
    #   db.incr("visits")      # => 1
    #   db.incr("visits", 10)  # => 11
    def incr(key, by = 1, sync: false)
      Raw.shale_incr(self, key, by, write_flags(sync)).last
    end

    # Subtracts +by+ from a counter; else as #incr.
    def decr(key, by = 1, sync: false)
      Raw.shale_decr(self, key, by, write_flags(sync)).last
    end

    # Gives an existing key a new time to live, in seconds, <tt>:never</tt> or <tt>:default</tt>. False if
    # there is no such key.
    def expire(key, ttl, sync: false)
      Raw.shale_expire(self, key, ttl_ms(ttl), write_flags(sync)) == Code::OK
    end

    # Takes the deadline of a key away. False if there is no such key.
    def persist(key, sync: false)
      Raw.shale_persist(self, key, write_flags(sync)) == Code::OK
    end
  end
end
