# frozen_string_literal: true

require_relative "lib/shale/version"

Gem::Specification.new do |spec|
  spec.name = "shale"
  spec.version = Shale::VERSION
  spec.summary = "An ordered, crash-safe key-value store with a fast memory tier"
  spec.description = "Bytes by key, as a Hash that survives: reads from memory in well under a microsecond, ordered " \
                     "iteration, atomic batches, counters, times to live. Uses libshale, which pkg-config must find."
  spec.authors = ["The Shale authors"]
  spec.license = "Apache-2.0"
  spec.required_ruby_version = ">= 3.1"
  spec.files = Dir.chdir(__dir__) { Dir["lib/**/*.rb", "ext/**/*.{c,h,rb}", "README.md", "LICENSE"].sort }
  spec.extensions = ["ext/shale/extconf.rb"]
  spec.require_paths = ["lib"]
  spec.extra_rdoc_files = ["README.md"]
  spec.rdoc_options = ["--main", "README.md", "--exclude", "ext/"]
  spec.metadata["rubygems_mfa_required"] = "true"
end
