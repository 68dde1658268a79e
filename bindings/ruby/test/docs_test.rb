# frozen_string_literal: true

require_relative "test_helper"

# Every example of the documentation runs, and gives what it says it gives.
class DocsTest < ShaleTest
  HERE = File.expand_path("..", __dir__)

  # Pieces of code: what is indented by three in a comment of lib, and what README.md has in its ruby blocks.
  def self.examples
    list = Dir["#{HERE}/lib/**/*.rb"].sort.flat_map do |file|
      File.read(file).scan(/(?:^ *#(?: {3}(?! {5}).*)?\n)+/).filter_map do |text|
        code = text.lines.map { |line| line.sub(/^ *# ?/, "").sub(/^  /, "") }.join.strip
        [File.basename(file, ".rb"), code] unless code.empty?
      end
    end
    list + File.read("#{HERE}/README.md").scan(/^```ruby\n(.*?)^```/m).map { |(code)| ["readme", code] }
  end

  # "expression # => value" becomes a check.
  def checked(code)
    code.lines.map do |line|
      next line unless line =~ /\A(\s*)(.*?)\s+# => (.*)/

      "#{$1}same.call((#{$2}), (#{$3}), #{line.strip.dump})\n"
    end.join
  end

  examples.each_with_index do |(name, code), index|
    define_method("test_#{name}_#{index}") do
      same = ->(got, said, line) { got.is_a?(Float) ? assert_in_delta(said, got, 0.1, line) : assert_equal(said, got, line) }
      Dir.chdir(@dir) do
        Shale.memory(memory: MEMORY) do |db|
          db.update({ "a" => "1", "name" => "ann", "balance" => "5", "doc" => "text", "list" => "x" })
          12.times { |i| db[format("user:%02d", i)] = "u" }
          value = version = nil
          capture_io { binding.eval(checked(code), "#{name}: #{code.lines.first}") }
          _ = [same, value, version]
        end
      end
    end
  end

  def test_there_are_examples
    assert_operator self.class.examples.size, :>, 20
  end
end
