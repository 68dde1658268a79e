# frozen_string_literal: true

module Shale
  # Reading keys that have to be there, of a DB or a Snapshot.
  module Lookup
    # The value; if there is no such key what the block returns for it, or +default+, or else NotFoundError, a
    # KeyError.
    #
    #   db.fetch("name")                     # raises if it is missing
    #   db.fetch("name", "nobody")
    #   db.fetch("name") { |key| "no #{key}" }
    def fetch(key, default = (no_default = true))
      value = self[key]
      return value unless value.nil?
      return yield(key) if block_given?
      raise NotFoundError.new("key not found: #{key.inspect}", receiver: self, key: key) if no_default

      default
    end

    # The values of many keys in one call; missing ones come from the block, or raise NotFoundError.
    def fetch_values(*keys)
      values = values_at(*keys)
      keys.zip(values).map do |key, value|
        next value unless value.nil?
        next yield(key) if block_given?

        raise NotFoundError.new("key not found: #{key.inspect}", receiver: self, key: key)
      end
    end
  end
end
