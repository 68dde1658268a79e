# frozen_string_literal: true

module Shale
  # From seconds, as Ruby counts, to the milliseconds of the library.
  module TimeToLive # :nodoc:
    WORDS = { nil => Flag::TTL_DEFAULT, default: Flag::TTL_DEFAULT, never: Flag::TTL_NEVER,
              keep: Flag::TTL_KEEP }.freeze

    def self.ms(ttl)
      return WORDS[ttl] if WORDS.key?(ttl)
      raise TypeError, "a time to live is a number of seconds, :never, :keep or :default" unless number?(ttl)
      raise InvalidError, "a time to live is above 0 seconds, and finite" unless ttl.positive? && ttl.finite?

      # A Float is taken as the decimal number that is meant by it: 0.0011 seconds are 2 milliseconds, 0.001
      # is 1.
      (ttl.rationalize(Rational(1, 1_000_000)) * 1000).ceil
    end

    def self.number?(ttl)
      ttl.is_a?(Numeric) && ttl.real?
    end
  end
  private_constant :TimeToLive
end
