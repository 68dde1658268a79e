# frozen_string_literal: true

# What the test files share: one line a test, a directory of its own for each store, and the count of handles
# at the end.
require "minitest"
require "tmpdir"
require "shale"

# Prints "ok NAME" and "FAIL NAME: why".
class Lines < Minitest::AbstractReporter
  def start
    @failed = false
  end

  def record(result)
    name = "#{result.klass}##{result.name}"
    return puts("ok #{name}") if result.passed?

    @failed = true
    puts "FAIL #{name}: #{result.failures.map { |f| "#{f.message} (#{f.location})" }.join('; ').gsub(/\s+/, ' ')}"
  end

  def passed?
    !@failed
  end
end

def Minitest.plugin_lines_init(_options)
  reporter.reporters.replace([Lines.new])
end
Minitest.extensions << "lines"

class ShaleTest < Minitest::Test
  RAW = Shale.const_get(:Raw)
  MEMORY = "32MiB"

  def setup
    @dir = Dir.mktmpdir("shale")
  end

  def teardown
    FileUtils.rm_rf(@dir)
  end

  def path
    File.join(@dir, "data")
  end

  def on_disk(**settings, &block)
    Shale.open(path, memory: MEMORY, **settings, &block)
  end

  # The block once with a store in memory, once with one on disk.
  def both(**settings)
    Shale.memory(memory: MEMORY, **settings) { |db| yield db }
    on_disk(**settings) { |db| yield db }
    Shale.destroy(path)
  end

  # A command that runs Ruby with Shale loaded, from the tree that this test runs in.
  def ruby
    [RbConfig.ruby, *$LOAD_PATH.flat_map { |dir| ["-I", dir] }, "-rshale"]
  end

  def rss_bytes
    File.read("/proc/self/statm").split[1].to_i * 4096
  end
end

# Objects that a test has left to the garbage collector are gone when a few more calls have run over the
# stack.
def clean_stack(depth = 50)
  depth.zero? ? GC.start : clean_stack(depth - 1)
end

at_exit do
  passed = Minitest.run([])
  Thread.new { clean_stack }.join
  clean_stack
  left = Shale.live_handles
  puts left.zero? ? "ok #{File.basename($PROGRAM_NAME)} leaves no handle" : "FAIL #{File.basename($PROGRAM_NAME)}: #{left} handles are left"
  exit(passed && left.zero?)
end
