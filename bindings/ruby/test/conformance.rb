# frozen_string_literal: true

# Runs tests/conformance/*.txt, the cases that every language runs, against the Ruby API; the format is
# described there. CONFORMANCE_DIR names another folder.
require "shale"
require "strscan"
require "tmpdir"

Variable = Struct.new(:name)
Operation = Struct.new(:line, :verb, :args, :named, :flags, :status, :results, :rows)
Case = Struct.new(:file, :title, :kinds, :options, :operations)

FLAGS = { "cache-only" => :cache_only, "no-fill" => :no_fill, "if-absent" => :if_absent, "if-present" => :if_present,
          "sync" => :sync, "reverse" => :reverse, "keys-only" => :keys_only, "write-around" => :write_around,
          "stale-ok" => :stale }.freeze

# Lines into cases.
module Parser
  ESCAPES = { "n" => "\n", "\"" => "\"", "\\" => "\\" }.freeze

  module_function

  def bytes(scanner)
    made = +"".b
    loop do
      scanner.skip(/"/) or raise "a quote is missing"
      part = +"".b
      until scanner.skip(/"/)
        part << if scanner.skip(/\\x(\h\h)/) then scanner[1].hex.chr
                elsif scanner.skip(/\\(.)/) then ESCAPES.fetch(scanner[1]).b
                else scanner.getch.b
                end
      end
      made << part * (scanner.skip(/\*(\d+)/) ? scanner[1].to_i : 1)
      return made unless scanner.skip(/\+/)
    end
  end

  def token(scanner)
    return bytes(scanner) if scanner.check(/"/)
    return Variable.new(scanner[1]) if scanner.skip(/\$(\w+)/)
    return scanner[0].to_i if scanner.skip(/-?\d+(?= |\z)/)
    return { scanner[1] => token(scanner) } if scanner.skip(/([a-z_.0-9]+)=/)

    scanner.scan(/[^ ]+/).to_sym
  end

  def tokens(text)
    scanner = StringScanner.new(text)
    list = []
    until scanner.eos?
      scanner.skip(/ +/) or list << token(scanner)
    end
    list
  end

  def operation(number, text)
    list = tokens(text)
    arrow = list.index(:"->") || list.size
    call, answer = list[0...arrow], list[(arrow + 1)..] || []
    named = call.grep(Hash).reduce({}, :merge)
    flags = call.drop(1).select { |t| t.is_a?(Symbol) && FLAGS.key?(t.to_s) }
    args = call.drop(1).reject { |t| t.is_a?(Hash) || flags.include?(t) }
    Operation.new(number, call[0], args, named, flags.to_h { |f| [FLAGS[f.to_s], true] }, answer[0] || :OK, answer.drop(1), [])
  end

  def cases(file)
    list = []
    File.readlines(file, chomp: true).each.with_index(1) do |text, number|
      case text
      when /\A#/, "" then next
      when /\A== (.*)/ then list << Case.new(File.basename(file), $1, %w[memory disk], {}, [])
      when /\Astore: (.*)/ then list.last.kinds = [$1] unless $1 == "both"
      when /\Aoption: (\S+) (.*)/ then list.last.options[$1] = token(StringScanner.new($2))
      when /\A  (.*)/ then list.last.operations.last.rows << tokens($1)
      else list.last.operations << operation(number, text)
      end
    end
    list
  end
end

# What differs from what was expected.
class Difference < StandardError; end

require_relative "conformance_whole"
require_relative "conformance_verbs"

def run_case(test, kind)
  Dir.mktmpdir("shale") do |dir|
    store = begin
      Store.new(kind == "disk" ? File.join(dir, "data") : nil, test.options)
    rescue Shale::Error => e
      return "#{test.file}: the store does not open: #{e.code_name}: #{e.message}"
    end
    test.operations.each do |operation|
      store.check(operation)
    rescue Difference, StandardError => e
      where = "#{test.file}:#{operation.line}"
      return e.is_a?(Difference) ? "#{where}: #{e.message}" : "#{where}: #{e.class}: #{e.message} #{e.backtrace.first}"
    end
    nil
  ensure
    store&.free
  end
end

folder = ENV["CONFORMANCE_DIR"] || File.expand_path("../../../tests/conformance", __dir__)
tests = Dir[File.join(folder, "*.txt")].sort.flat_map { |file| Parser.cases(file) }
failed = tests.empty?
puts "FAIL conformance: no case in #{folder}" if failed
tests.each do |test|
  test.kinds.each do |kind|
    why = run_case(test, kind)
    failed ||= !why.nil?
    name = "conformance: #{test.file}: #{test.title} (#{kind})"
    puts why ? "FAIL #{name}: #{why}" : "ok #{name}"
  end
end
exit !failed
