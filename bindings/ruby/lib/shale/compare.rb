# frozen_string_literal: true

module Shale
  # Changes that happen only if nobody else was faster. All are one step for every other thread.
  class DB
    # Sets a key if its value equals +expected+. True if it was set; false if the value differs, nil if there
    # is no such key.
    #
    #   loop do
    #     old = db["list"]
    #     break if db.compare_and_set("list", old, "#{old},more")
    #   end
    def compare_and_set(key, expected, value, ttl: nil, sync: false)
      outcome(Raw.shale_compare_and_set(self, key, expected, value, ttl_ms(ttl), write_flags(sync)).first)
    end

    # Sets a key if its version is +expected+ (of #get_with_version or #put; 0: if there is no such key). The
    # new version, or nil if the present one differs.
    #
    #   value, version = db.get_with_version("doc")
    #   db.compare_version_and_set("doc", version, value + "!") or puts "somebody was faster"
    def compare_version_and_set(key, expected, value, ttl: nil, sync: false)
      flags = write_flags(sync)
      status, version = Raw.shale_compare_version_and_set(self, key, expected, value, ttl_ms(ttl), flags)
      status == Code::OK ? version : nil
    end

    # Deletes a key if its value equals +expected+. True if it was deleted, false if the value differs, nil if
    # there is no such key.
    def compare_and_delete(key, expected, sync: false)
      outcome(Raw.shale_compare_and_delete(self, key, expected, write_flags(sync)))
    end

    # Deletes a key if its version is +expected+. True, false or nil as #compare_and_delete.
    def compare_version_and_delete(key, expected, sync: false)
      outcome(Raw.shale_compare_version_and_delete(self, key, expected, write_flags(sync)))
    end

    private

    def outcome(status)
      status == Code::NOT_FOUND ? nil : status == Code::OK
    end
  end
end
