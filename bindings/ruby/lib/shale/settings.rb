# frozen_string_literal: true

module Shale
  # Options on their way to the library: a set of them lives for one call.
  module Settings # :nodoc:
    def self.with(named, key = nil)
      _, handle = Raw.shale_options_new
      named.each do |name, value|
        if value.is_a?(Integer)
          Raw.shale_options_set_i64(handle, name.to_s, value)
        else
          Raw.shale_options_set(handle, name.to_s, value.to_s)
        end
      end
      Raw.options_set_key(handle, key) unless key.nil?
      yield handle
    ensure
      Raw.shale_options_free(handle) if handle
    end

    # The same for a call that makes a store of another one, of which only the key counts.
    def self.with_both(key, new_key, options)
      with({}, key) { |old| with(options, new_key) { |made| yield old, made } }
    end
  end
  private_constant :Settings
end
