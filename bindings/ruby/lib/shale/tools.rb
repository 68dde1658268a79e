# frozen_string_literal: true

module Shale
  # A value that has left the memory tier. +reason+ is <tt>:evicted</tt> (to make room), <tt>:expired</tt>,
  # <tt>:deleted</tt> or <tt>:overwritten</tt>, +version+ that of what left.
  Removal = Struct.new(:key, :version, :reason)

  class DB
    REASONS = { Flag::EVENT_EVICTED => :evicted, Flag::EVENT_EXPIRED => :expired, Flag::EVENT_DELETED => :deleted,
                Flag::EVENT_OVERWRITTEN => :overwritten }.freeze
    private_constant :REASONS

    # Changes an option of the open store, until it is closed: one that is +hot+, see Shale.options. The option
    # "memory.budget" makes the memory tier larger or smaller, from a quarter to four times of what it was opened
    # with. InvalidError, and nothing is changed, if it cannot have this value now.
    #
    #   db.set_option("memory.budget", "20MiB")
    def set_option(name, value)
      Raw.shale_db_set_option(self, name.to_s, value.to_s)
      self
    end

    # All figures in Prometheus' text format, to be served as "text/plain; version=0.0.4". Does not block.
    def prometheus
      _, text = Raw.shale_stats_prometheus(self)
      text.force_encoding(Encoding::UTF_8)
    end

    # What has left the memory tier since the last call, an Array of Removal, some at a time; empty if nothing has
    # happened. Those of one key come in order. InvalidError unless the store was opened with the option
    # "events.bytes". Does not block.
    #
    #   Shale.memory(options: { "events.bytes" => "1MiB" }) do |cache|
    #     cache["key"] = "old"
    #     cache["key"] = "new"
    #     cache.poll_removals.map(&:reason) # => [:overwritten]
    #   end
    #
    # How many there was no room for, because nobody polled in time, says the figure Stat::EVENTS_DROPPED.
    def poll_removals
      rows, = Raw.events_poll(self)
      rows.map { |reason, version, key| Removal.new(key, version, REASONS[reason]) }
    end

    # Gives back all disk space that can be had now; a store does the same by itself, a little at a time. Other
    # threads go on meanwhile. Yields how many bytes of how many are done; a block that returns false ends it:
    # CancelledError, and what was given back by then stays so. May block.
    def reclaim(&block)
      raise CancelledError if Raw.reclaim(self, block) == Code::CANCELLED

      self
    end
  end

  class << self
    # Reads every byte of the store in directory +path+, which nobody may have open for writing, and changes
    # nothing. Returns a Hash: "problems" (files that are damaged, missing or suspicious), "good",
    # "closed_cleanly", "damaged_files", "suspicious_files", "file_count", "bytes", "records", "keys", and "files",
    # an Array of Hashes. Damage is in there, and no error. Without the +key+ of an encrypted store its values are not
    # decrypted: "values_checked" is false. Yields how many bytes of how many are done; a block that returns false ends
    # it: CancelledError. NoStoreError, LockedError, IncompatibleError, IOError. May block.
    #
    #   Shale.open("checked") { |db| db["key"] = "value" }
    #   report = Shale.verify("checked")
    #   report["files"].each { |file| puts file["name"], file["problems"] } unless report["good"]
    def verify(path, key: nil, &block)
      status, problems, report = Settings.with({}, key) { |options| Raw.verify_with(File.path(path), options, block) }
      raise CancelledError if status == Code::CANCELLED

      { "problems" => problems }.merge(JSON.parse(report))
    end

    # Makes a new store in +new_path+, where nothing may be yet (ExistsError), of what can be proven of the
    # damaged one in +path+, which is not changed. Returns a Hash: "recovered" (keys in the new store),
    # "suspicious" (of these, not proven to be the newest), "dropped" (keys whose value is lost), "source" (as of
    # verify), and more. +key+ is that of the damaged store, +new_key+ and +options+ are of the new one, as in Shale.open.
    # Yields and raises as verify does. May block.
    def salvage(path, new_path, key: nil, new_key: nil, options: {}, &block)
      _, report = make_store(:salvage_with, path, new_path, key, new_key, options, block)
      JSON.parse(report)
    end

    # Makes a new store in +new_path+, where nothing may be yet (ExistsError), of the one in +path+: with another key
    # (+key+ is the old one, +new_key+ the new one, nil for none) or other +options+, such as
    # <tt>"compression.threshold"</tt>. The store in +path+ is not changed; remove it with Shale.destroy when the new one
    # is in use. It must have been closed (IncompatibleError) and be undamaged (CorruptionError), else there is no new
    # store. Times to live stay, versions begin anew. Returns how many keys were written; yields and raises as verify
    # does. May block.
    #
    #   key = Random.bytes(32)
    #   Shale.open("plain", memory: "32MiB") { |db| db["key"] = "value" }
    #   Shale.rewrite("plain", "encrypted", new_key: key) # => 1
    #   Shale.open("encrypted", memory: "32MiB", key: key) { |db| db["key"] } # => "value"
    def rewrite(path, new_path, key: nil, new_key: nil, options: {}, &block)
      make_store(:rewrite, path, new_path, key, new_key, options, block).first
    end

    private

    def make_store(call, path, new_path, key, new_key, options, block)
      status, *outcome = Settings.with_both(key, new_key, options) do |old, made|
        Raw.send(call, File.path(path), old, File.path(new_path), made, block)
      end
      raise CancelledError if status == Code::CANCELLED
      raise ExistsError, "something is at #{new_path} already" if status == Code::EXISTS

      outcome
    end
  end
end
