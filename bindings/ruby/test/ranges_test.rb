# frozen_string_literal: true

require_relative "test_helper"

# Ranges of keys as wholes: to delete, to count, to estimate, to compact.
class RangesTest < ShaleTest
  def fill(db, rows)
    rows.times { |i| db[format("row%05d", i)] = "v" * 92 }
    db["other"] = ""
  end

  def test_ranges_in_memory_and_on_disk
    both do |db|
      fill(db, 3000)
      calls = []
      extent = db.count_range(prefix: "row") { |done, total| (calls << [done, total]) && db.key?("row00001") }
      assert_equal Shale::Extent.new(3000, 300_000), extent
      assert(!calls.empty? && calls.all? { |done, total| done >= 0 && done <= total })
      assert_equal extent, db.estimate_range("row"..."row9")
      assert_same db, db.delete_range("row00010"..."row02990", sync: true)
      assert_same db, db.compact_range
      assert_equal [21, 2005], db.count_range.to_a
      assert_equal [0, 0], db.estimate_range("z".."a").to_a
      db.delete_range(..."row")
      db.delete_range("row00005"..)
      assert_equal 5, db.count
      db.delete_range("row00001".."row00003")
      assert_equal %w[row00000 row00004], db.keys
      db.delete_range(nil..nil)
      assert_empty db
    end
  end

  def test_what_ranges_refuse
    both do |db|
      db["k"] = "v"
      %i[delete_range count_range estimate_range compact_range].each do |call|
        assert_raises(Shale::TooLargeError) { db.send(call, prefix: "k" * 70_000) }
        assert_raises(Shale::InvalidError) { db.send(call, "a".."b", prefix: "a") }
        assert_raises(TypeError) { db.send(call, 1..2) }
        assert_raises(TypeError) { db.send(call, "a") }
        assert_raises(TypeError) { db.send(call, prefix: 1) }
      end
      assert_raises(ArgumentError) { db.delete_range }
      assert_equal "v", db["k"]
    end
  end

  def test_a_block_ends_the_work
    on_disk do |db|
      fill(db, 20_000)
      db.flush
      %i[count_range compact_range].each do |call|
        assert_raises(Shale::CancelledError) { db.send(call) { false } }
        assert_raises(IndexError) { db.send(call) { raise IndexError } }
      end
      assert_equal :thrown, (catch(:out) { db.count_range { throw :out, :thrown } })
      assert_equal 20_001, db.count_range.keys
    end
  end
end
