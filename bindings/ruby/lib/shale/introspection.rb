# frozen_string_literal: true

# What the loaded library says about itself.
module Shale
  # One option that Shale.open takes in <tt>options:</tt>. +hot+ says whether it can be changed while a store
  # is open.
  OptionInfo = Struct.new(:name, :type, :default, :range, :hot, :doc)

  # One figure of DB#stats. +kind+ is "counter" (it grows) or "gauge".
  StatInfo = Struct.new(:name, :kind, :doc)

  class << self
    # Version of the library that is loaded: <tt>"1.0.0"</tt>.
    def library_version
      Raw.shale_version_string
    end

    # The same as one number: major * 1,000,000 + minor * 1,000 + patch.
    def library_version_number
      Raw.shale_version_number
    end

    # Number of handles of all kinds that this process holds: databases, cursors, batches. 0 when everything
    # was freed. For tests that look for leaks; what the garbage collector has not yet found still counts.
    def live_handles
      Raw.shale_live_handles
    end

    # All options, as an Array of OptionInfo:
    #
    #   Shale.options.each { |o| puts "#{o.name} (#{o.range}, default #{o.default}): #{o.doc}" }
    def options
      Array.new(Raw.shale_option_count) do |i|
        _, name, type, default, range, hot, doc = Raw.shale_option_at(i)
        OptionInfo.new(name, type, default, range, hot == 1, doc)
      end
    end

    # All figures, as an Array of StatInfo.
    def statistics
      Array.new(Raw.shale_stat_count) { |i| StatInfo.new(*Raw.shale_stat_at(i).drop(1)) }
    end

    # Value of a constant of the library by its name without prefix, nil if there is none:
    #
    #   Shale.constant("KEY_BYTES_MAX") # => 65535
    def constant(name)
      status, value = Raw.shale_constant(name)
      status == Code::OK ? value : nil
    end

    # All constants of the library, as a Hash from name to value.
    def constant_values
      Array.new(Raw.shale_constant_count) { |i| Raw.shale_constant_at(i).drop(1) }.to_h
    end
  end
end
