# frozen_string_literal: true

require "timeout"
require_relative "test_helper"

# Options of an open store, figures for an exporter, removals, reclaim, verify and salvage.
class ToolsTest < ShaleTest
  def test_set_option
    Shale.memory(memory: MEMORY) do |db|
      assert_same db, db.set_option("memory.budget", "24MiB")
      assert_equal "24MiB", db.option("memory.budget")
      assert_raises(Shale::InvalidError) { db.set_option("memory.budget", "1KiB") }
      assert_raises(Shale::InvalidError) { db.set_option("durability", "disk") }
      assert_raises(Shale::InvalidError) { db.set_option("nothing", 1) }
    end
  end

  def test_prometheus
    Shale.memory(memory: MEMORY) do |db|
      db["k"] = "v"
      assert_includes db.prometheus, "\nshale_cache_items 1\n"
      assert_equal Encoding::UTF_8, db.prometheus.encoding
    end
  end

  def test_removals
    Shale.memory(memory: MEMORY) { |db| assert_raises(Shale::InvalidError) { db.poll_removals } }
    Shale.memory(memory: "512MiB", options: { "events.bytes" => "64MiB" }) do |db|
      wide = "k" * Shale::Flag::KEY_BYTES_MAX
      first = db.put(wide, "1")
      second = db.put(wide, "2")
      db.delete(wide)
      db.store("brief", "v", ttl: 0.001)
      seen = {}
      1000.times do
        break if seen.size == 3

        db.poll_removals.each { |removal| seen[removal.reason] = removal }
        sleep 0.005
      end
      assert_equal [wide, first], seen[:overwritten].to_a[0, 2]
      assert_equal [wide, second], seen[:deleted].to_a[0, 2]
      assert_equal "brief", seen[:expired].key
      assert_empty db.poll_removals
    end
  end

  def test_reclaim
    Shale.memory(memory: MEMORY) { |db| assert_same db, db.reclaim }
    on_disk do |db|
      100.times { |i| db["k#{i % 10}"] = "v" * 100_000 }
      db.flush
      calls = []
      db.reclaim { |done, total| (calls << [done, total]) && db["k1"] }
      assert(!calls.empty? && calls.all? { |done, total| done >= 0 && done <= total })
      assert_raises(Shale::CancelledError) { db.reclaim { false } }
      assert_raises(IndexError) { db.reclaim { raise IndexError } }
      assert_equal 7, leave_by_break(db)
      assert_equal :thrown, (catch(:out) { db.reclaim { throw :out, :thrown } })
      assert_equal "v" * 100_000, db["k1"]
    end
  end

  def leave_by_break(db)
    db.reclaim { break 7 }
  end

  def test_verify_and_salvage
    assert_raises(Shale::NoStoreError) { Shale.verify(path) }
    on_disk do |db|
      1000.times { |i| db["k#{i}"] = "value #{i}" }
      assert_raises(Shale::LockedError) { Shale.verify(path) }
    end
    calls = 0
    report = Shale.verify(path) { calls += 1 }
    assert_equal [0, true, 1000], report.values_at("problems", "good", "keys")
    assert_operator calls, :>, 0
    assert_raises(Shale::CancelledError) { Shale.verify(path) { false } }
    assert_raises(IndexError) { Shale.verify(path) { raise IndexError } }

    damage(Dir[File.join(path, "**", "*.ldb")].min)
    report = Shale.verify(path)
    refute report["good"]
    bad = report["files"].select { |file| file["problems"] }
    assert(!bad.empty? && bad.none? { |file| file["state"] == "good" })

    saved = "#{path}.saved"
    report = Shale.salvage(path, saved) { true }
    assert_operator report["recovered"] + report["dropped"], :>=, 900
    Shale.open(saved, memory: MEMORY) { |db| assert_equal "value 999", db["k999"] }
    assert_raises(Shale::ExistsError) { Shale.salvage(path, saved) }
    assert_raises(ArgumentError) { Shale.verify("a\0b") }
  end

  def damage(file)
    bytes = File.binread(file)
    bytes.setbyte(10, bytes.getbyte(10) ^ 0x55)
    File.binwrite(file, bytes)
  end
end
