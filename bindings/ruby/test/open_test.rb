# frozen_string_literal: true

require_relative "test_helper"
require "pathname"

class OpenTest < ShaleTest
  def test_the_block_form_closes_and_returns_what_the_block_did
    kept = nil
    assert_equal(:result, on_disk { |db| (kept = db) && :result })
    assert kept.closed?
    assert_raises(RuntimeError) { on_disk { |db| (kept = db) && raise("no") } }
    assert kept.closed?
    assert_raises(Shale::ClosedError) { kept["k"] }
  end

  def test_what_was_written_is_there_when_opened_again
    on_disk { |db| db["k"] = "v" }
    on_disk { |db| assert_equal "v", db["k"] }
    db = Shale.open(Pathname.new(path))
    assert_equal "v", db["k"]
    assert_equal path, db.path
    db.close
  end

  def test_settings
    settings = { memory: 48 << 20, durability: :disk, policy: :lru, ttl: 1.5, options: { "log.segment_bytes" => "4MiB" } }
    on_disk(**settings) do |db|
      options = %w[memory.budget durability cache.policy ttl.default_ms log.segment_bytes].map { |name| db.option(name) }
      assert_equal %w[48MiB disk lru 1500 4MiB], options
      assert_nil db.option("nothing")
    end
    Shale.memory(memory: "64MiB", durability: "interval:100") { |db| assert_equal "interval:100", db.option("durability") }
  end

  def test_settings_that_make_no_sense
    [{ memory: "lots" }, { memory: 1 }, { durability: :never }, { policy: "random" }, { options: { "no.such" => "1" } },
     { options: { "log.segment_bytes" => "1B" } }, { ttl: -1 }].each do |settings|
      error = assert_raises(Shale::InvalidError, settings.inspect) { Shale.memory(**settings) }
      assert_operator error.message.size, :>, 10
    end
    assert_raises(ArgumentError) { Shale.memory(colour: "red") }
    assert_raises(TypeError) { Shale.open(1) }
    assert_raises(ArgumentError) { Shale.open("a\0b") }
    assert_equal 0, Shale.live_handles
  end

  def test_create_and_error_if_exists
    assert_raises(Shale::NoStoreError) { Shale.open(path, create: false) }
    refute File.exist?(path)
    on_disk(create: true) { nil }
    assert_raises(Shale::ExistsError) { on_disk(error_if_exists: true) }
    on_disk(create: false, error_if_exists: false) { nil }
  end

  def test_a_store_is_open_once
    on_disk do
      error = assert_raises(Shale::LockedError) { on_disk }
      assert_equal Shale::Code::E_LOCKED, error.code
      assert_equal "E_LOCKED", error.code_name
      assert_raises(Shale::LockedError) { Shale.destroy(path) }
    end
    on_disk { nil }
  end

  def test_what_is_no_store
    FileUtils.mkdir_p(path)
    File.write(File.join(path, "notes.txt"), "mine")
    assert_raises(Shale::IncompatibleError) { on_disk }
    assert_equal "mine", File.read(File.join(path, "notes.txt"))
    File.write("#{path}.txt", "")
    error = assert_raises(Shale::Error) { Shale.open("#{path}.txt", memory: MEMORY) }
    assert_includes [Shale::IOError, Shale::IncompatibleError], error.class
  end

  def test_errno
    error = assert_raises(Shale::IOError) { Shale.open("#{@dir}/no/such/parent", memory: MEMORY) }
    assert_equal Errno::ENOENT::Errno, error.errno
    assert_nil error.shard
  end

  def test_destroy
    on_disk { |db| db["k"] = "v" }
    assert_equal true, Shale.destroy(path)
    refute File.exist?(path)
    assert_equal false, Shale.destroy(path)
  end

  def test_flush_sync_and_close_say_something_useful
    both do |db|
      db["k"] = "v"
      assert_same db, db.flush
      assert_same db, db.sync
      assert_match(/\A#<Shale::DB (in memory|"#{Regexp.escape(path)}")>\z/, db.inspect)
      2.times { assert_nil db.close }
      assert db.closed?
      assert_includes db.inspect, "(closed)"
    end
  end

  def test_stats
    both do |db|
      db["k"] = "v"
      db["k"]
      stats = db.stats
      assert_equal Shale.statistics.map(&:name).sort, stats.keys.sort
      assert_operator stats[Shale::Stat::CACHE_HITS], :>=, 1
      assert_equal 1, db.stat("cache.items")
      assert_nil db.stat("nothing")
    end
  end

  def test_introspection
    assert_equal Shale::VERSION, Shale.library_version
    assert_equal 1_000_000, Shale.library_version_number
    budget = Shale.options.find { |option| option.name == Shale::Option::MEMORY_BUDGET }
    assert_equal ["size", "256MiB", true], [budget.type, budget.default, budget.hot]
    assert_equal %w[counter gauge], Shale.statistics.map(&:kind).uniq.sort
    assert_equal 65_535, Shale.constant("KEY_BYTES_MAX")
    assert_nil Shale.constant("NOTHING")
  end

  def test_the_generated_tables_agree_with_the_library
    values = Shale.constant_values
    assert_equal values, all(Shale::Code, Integer).merge(all(Shale::Flag, Integer))
    assert_equal all(Shale::Code, Integer).invert, Shale::Code::NAMES
    assert_equal Shale.options.map(&:name).sort, all(Shale::Option, String).values.sort
    assert_equal Shale.statistics.map(&:name).sort, all(Shale::Stat, String).values.sort
  end

  def test_every_error_has_a_class
    codes = Shale::Code.constants.map { |name| Shale::Code.const_get(name) }.grep(Integer)
    codes.select(&:negative?).each do |code|
      error = Shale::Error.for(code, "text", 5, 3)
      refute_instance_of Shale::Error, error
      assert_equal [code, code, 5, 3, "text"], [error.code, error.class::CODE, error.errno, error.shard, error.message]
      assert_equal Shale::Code::NAMES[code], error.code_name
      assert_operator error.class.new.message.size, :>, 5
    end
  end

  private

  def all(mod, type)
    mod.constants.to_h { |name| [name.to_s, mod.const_get(name)] }.select { |_, value| value.is_a?(type) }
  end
end
