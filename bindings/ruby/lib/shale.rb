# frozen_string_literal: true

require "shale/shale_raw"
require "shale/version"
require "shale/generated"
require "shale/error"
require "shale/introspection"
require "shale/time_to_live"
require "shale/settings"
require "shale/lookup"
require "shale/iteration"
require "shale/db"
require "shale/reading"
require "shale/writing"
require "shale/compare"
require "shale/loading"
require "shale/snapshot"
require "shale/ranges"
require "shale/cursor"
require "shale/batch"
require "shale/tools"
require "shale/backup"

# An ordered key-value store: a fast memory tier over crash-safe storage on disk. Keys and values are bytes.
#
#   require "shale"
#
#   Shale.open("data", memory: "512MiB") do |db|
#     db["apple"] = "red"
#     db["apple"]                              # => "red"
#     db.incr("visits")                        # => 1
#     db.store("session", "token", ttl: 3600)
#     db.each_prefix("a") { |key, value| puts "#{key}: #{value}" }
#   end
#
# == Threads
#
# A DB may be used from all threads at once, without a lock. What memory can answer is answered while the
# global VM lock is held; a call that may wait for the disk gives it up, so that other threads run. Such a
# call cannot be interrupted: Timeout and Thread#kill take effect when it comes back. Cursor and Batch belong
# to one thread at a time. Ractors other than the main one cannot use a DB.
#
# == Processes
#
# A store is open in one process at a time (LockedError). After a fork the child gets ForkedError for what the
# parent opened.
#
# == Time
#
# Times to live are in seconds, Integer or Float, counted in milliseconds, never less than one.
module Shale
  private_constant :Raw

  class << self
    # Opens the store in directory +path+, creating it if there is none. With a block: yields the DB, closes
    # it afterwards, returns what the block returned. Without: returns the DB; close it when done.
    #
    #   db = Shale.open("data", memory: "1GiB", durability: :disk, options: { "background.threads" => 2 })
    #
    # +memory+:: size of everything that is kept in memory: "512MiB", or a number of bytes
    # +durability+:: what a write survives when it returns: <tt>:os</tt> (default: the death of the process),
    #                <tt>:disk</tt> (power loss), or <tt>"interval:100"</tt>
    #                (power loss, but for the last 100 ms)
    # +policy+:: what leaves the memory first: <tt>:s3fifo</tt> (default), <tt>:lru</tt>, <tt>:fifo</tt>
    # +ttl+:: time to live, in seconds, of keys that are written without one
    # +create+:: false: NoStoreError if there is no store
    # +error_if_exists+:: true: ExistsError if there is one
    # +key+:: of a store whose values are encrypted on disk: a String of 32 random bytes, not a password. A store that is
    #         created with a key is encrypted from then on, and one created without is not: to open it with another
    #         key, without one, or with one where there is none is an IncompatibleError. A lost key is lost with all
    #         values; Shale.rewrite changes a key. Encrypted are the values, wherever they lie on disk; keys of entries,
    #         lengths and times are not. No copy of the String is kept
    # +options+:: any other option by name; see Shale.options and Option
    # +encoding+:: encoding of the Strings that come back; default ASCII-8BIT, which is binary
    #
    # Opening replays what an unclean end has left, and may take time; other threads go on meanwhile. Raises
    # LockedError, IncompatibleError, NoStoreError, LimitError, CorruptionError, IOError, InvalidError.
    def open(path, **settings, &block)
      use(DB.new(File.path(path), **settings), &block)
    end

    # A store that is kept in memory only and is gone when it is closed. Takes what Shale.open takes.
    #
    #   Shale.memory(memory: "64MiB") { |cache| cache["k"] = "v" }
    def memory(**settings, &block)
      use(DB.new(nil, **settings), &block)
    end

    # Removes the store in directory +path+: the files that are Shale's, and the directory if nothing else is
    # in it. True if there was one, else false. LockedError while it is open.
    def destroy(path)
      Raw.shale_destroy(File.path(path), 0) == Code::OK
    end

    private

    def use(db)
      return db unless block_given?

      begin
        yield db
      ensure
        db.close
      end
    end
  end
end
