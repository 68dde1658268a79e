# frozen_string_literal: true

module Shale
  # Loading what is missing, by one thread for each key. Where a method takes them:
  #
  # +ttl+:: time to live of what was loaded, in seconds, <tt>:never</tt>, or nil for the store's default
  # +sync+, +write_around+:: how it is written, see #store
  # +wait+:: most seconds to wait for what another thread loads, then WouldBlockError; 0: none, nil: as long as
  #          it takes
  # +hold+:: seconds in which nobody else loads the same key; who asks later loads it too, so take more than a
  #          load needs. nil: what the option "lease.hold_ms" of the store says
  # +stale+:: true: while another thread loads, a value whose time is over is welcome; how long such values are
  #           kept says the option "ttl.grace_ms" of the store
  # +missing_ttl+:: seconds for which a nil of the block is remembered: nobody loads the key again until then, or
  #                 until it is written
  class DB
    # The value; if there is no such key, what the block returns for it, which is then stored. However many
    # threads ask, one of them runs its block, and the others wait for what it brings, without the lock of the
    # VM. nil, and nothing is stored, if the block returns nil.
    #
    #   db.fetch_or_load("page", ttl: 3600, missing_ttl: 5) { |key| "what #{key} is" }
    #
    # What the block raises comes back to its own caller, and one of those who wait runs its block. The block
    # may use the DB, but not ask for the same key in this way. If the key is written or deleted while the block
    # runs, then what it made is not stored, for it may be older: the newer value is returned, or what the
    # block made if there is none.
    def fetch_or_load(key, ttl: nil, wait: nil, hold: nil, stale: false, missing_ttl: nil, sync: false,
                      write_around: false)
      raise ArgumentError, "no block given" unless block_given?

      write = [load_ttl_ms(ttl), write_flags(sync, write_around: write_around)]
      missing_ms = span_ms(missing_ttl)
      hold_ms = span_ms(hold)
      flags = stale ? Flag::STALE_OK : 0
      waiting(wait) do |wait_ms|
        status, value, lease = Raw.get_or_lease(self, key, wait_ms, hold_ms, flags)
        return loaded(lease, key, missing_ms, write) { yield key } if lease
        return value unless status == Code::WOULD_BLOCK
      end
    end

    # The values of an Array of keys, as a Hash. Those that are missing are loaded as #fetch_or_load does: the
    # block is given an Array of the keys that nobody else loads at the moment, perhaps several times, and
    # returns an Array of as many values, or nil for those that have none. What others load is waited for after
    # that: so two threads never wait for each other.
    #
    #   db.load_many(%w[a b], ttl: 60) { |missing| missing.map { |key| "what #{key} is" } }
    def load_many(keys, ttl: nil, wait: nil, hold: nil, stale: false, missing_ttl: nil, sync: false,
                  write_around: false)
      raise ArgumentError, "no block given" unless block_given?

      write = [load_ttl_ms(ttl), write_flags(sync, write_around: write_around)]
      missing_ms = span_ms(missing_ttl)
      hold_ms = span_ms(hold)
      flags = stale ? Flag::STALE_OK : 0
      values = keys.to_h { |key| [key, nil] }
      open = values.keys
      waiting(wait) do |wait_ms, again|
        leases = {}
        answers = Raw.multi_get_or_lease(self, open, wait_ms, hold_ms, flags)
        open = open.zip(answers).filter_map do |key, (status, value, lease)|
          leases[key] = lease if lease
          values[key] = value
          key if status == Code::WOULD_BLOCK
        end
        values.update(all_loaded(leases, missing_ms, write) { |missing| yield missing }) unless leases.empty?
        return values if open.empty?

        again.call unless leases.empty?
      end
    end

    private

    # Asking in slices: between two of them other threads can end this one.
    WAIT_SLICE_MS = 100
    private_constant :WAIT_SLICE_MS

    # Yields how long to wait, first not at all, until the block does not come back, or the time is over. What
    # is yielded too takes the time anew, for a caller that has loaded meanwhile.
    def waiting(wait)
      most = wait && span_ms(wait, least: 0)
      begun = milliseconds
      wait_ms = 0
      loop do
        again = false
        yield wait_ms, -> { again = true }
        if again
          wait_ms = 0
          next
        end
        left = most ? most - (milliseconds - begun) : WAIT_SLICE_MS
        raise WouldBlockError, "another thread loads this and has not brought it in time" if left <= 0

        wait_ms = [left, WAIT_SLICE_MS].min
      end
    end

    def milliseconds
      Process.clock_gettime(Process::CLOCK_MONOTONIC, :millisecond)
    end

    # Runs the block of the caller that has the lease. Whatever ends it, the lease ends too.
    def loaded(lease, key, missing_ms, write)
      value = yield
      if value.nil?
        Raw.shale_lease_fail(lease, missing_ms, 0)
        return nil
      end
      status, = Raw.shale_lease_fulfil(lease, value, *write)
      status == Code::MISMATCH ? self[key] || value : value
    ensure
      Raw.shale_lease_free(lease)
    end

    def all_loaded(leases, missing_ms, write)
      values = yield(leases.keys)
      whole = values.is_a?(Array) && values.size == leases.size
      raise ArgumentError, "the block made no Array of #{leases.size} values" unless whole

      made = leases.keys.zip(values)
      there, missing = made.partition(&:last)
      missing.each { |key, _| Raw.shale_lease_fail(leases[key], missing_ms, 0) }
      statuses = Raw.multi_lease_fulfil(there.map { |key, _| leases[key] }, there.map(&:last), *write)
      there.zip(statuses) { |row, status| row[1] = self[row[0]] || row[1] if status == Code::MISMATCH }
      made.to_h
    ensure
      leases.each_value { |lease| Raw.shale_lease_free(lease) }
    end

    def load_ttl_ms(ttl)
      raise InvalidError, "what was loaded has no time to live to keep" if ttl == :keep

      ttl_ms(ttl)
    end

    # Seconds that are no time to live; 0 where nothing was said.
    def span_ms(seconds, least: 1)
      return 0 if seconds.nil? || (least.zero? && seconds == 0)
      raise TypeError, "a number of seconds is needed" unless TimeToLive.number?(seconds)

      ttl_ms(seconds)
    end
  end
end
