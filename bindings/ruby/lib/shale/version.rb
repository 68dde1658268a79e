# frozen_string_literal: true

module Shale
  # Version of this gem; Shale.library_version is that of the library it has loaded.
  VERSION = "1.0.0"
end
