# frozen_string_literal: true

require_relative "test_helper"

# Stores with a key: opened, verified, salvaged and rewritten.
class KeyTest < ShaleTest
  KEY1 = ("\1" * 32).b.freeze
  KEY2 = ("\2" * 32).b.freeze
  SECRET = "nobody is to read this"

  def at(name)
    File.join(@dir, name)
  end

  def holds?(name)
    Dir[File.join(at(name), "**", "*")].any? { |file| File.file?(file) && File.binread(file).include?(SECRET) }
  end

  def open(name, **settings, &block)
    Shale.open(at(name), memory: MEMORY, **settings, &block)
  end

  def test_a_store_with_a_key
    wiped = KEY1.dup
    open("1", key: wiped) do |db|
      wiped.replace("\0" * 32)
      db["k"] = SECRET
      db.flush
      refute_includes db.inspect, KEY1
    end
    refute holds?("1")
    assert_raises(Shale::IncompatibleError) { open("1") }
    assert_raises(Shale::IncompatibleError) { open("1", key: KEY2) }
    assert_equal [true, true, false], Shale.verify(at("1")).values_at("good", "encrypted", "values_checked")
    assert_equal [0, true], Shale.verify(at("1"), key: KEY1) { true }.values_at("problems", "values_checked")
    assert_raises(Shale::IncompatibleError) { Shale.verify(at("1"), key: KEY2) }

    calls = 0
    assert_equal 1, Shale.rewrite(at("1"), at("2"), key: KEY1, new_key: KEY2) { calls += 1 }
    assert_operator calls, :>, 0
    assert_equal 1, Shale.salvage(at("2"), at("3"), key: KEY2, options: { "compression.threshold" => "1KiB" })["recovered"]
    open("2", key: KEY2) { |db| assert_equal SECRET, db["k"] }
    open("3") { |db| assert_equal SECRET, db["k"] }
    assert(!holds?("2") && holds?("3"))
  end

  def test_what_is_refused
    open("1", key: KEY1) { |db| db["k"] = SECRET }
    assert_raises(Shale::IncompatibleError) { Shale.rewrite(at("1"), at("none")) }
    assert_raises(Shale::IncompatibleError) { Shale.salvage(at("1"), at("none"), key: KEY2) }
    assert_raises(Shale::CancelledError) { Shale.rewrite(at("1"), at("none"), key: KEY1) { false } }
    assert_raises(IndexError) { Shale.rewrite(at("1"), at("none"), key: KEY1) { raise IndexError } }
    assert_raises(Shale::ExistsError) { Shale.rewrite(at("1"), @dir, key: KEY1) }
    assert_raises(Shale::NoStoreError) { Shale.rewrite(at("nowhere"), at("none")) }
    assert_raises(Shale::InvalidError) { Shale.rewrite(at("1"), at("none"), key: KEY1, options: { "nothing" => 1 }) }
    ["", "k" * 31, "k" * 33].each do |wrong|
      assert_raises(Shale::InvalidError) { open("none", key: wrong) }
      assert_raises(Shale::InvalidError) { Shale.verify(at("1"), key: wrong) }
      assert_raises(Shale::InvalidError) { Shale.rewrite(at("1"), at("none"), key: KEY1, new_key: wrong) }
    end
    [1, :key, ["k" * 32]].each { |wrong| assert_raises(TypeError) { open("none", key: wrong) } }
    assert_raises(ArgumentError) { Shale.rewrite("a\0b", at("none")) }
    refute File.exist?(at("none"))
    assert_equal 0, Shale.live_handles
  end
end
