# frozen_string_literal: true

require_relative "test_helper"

class WritingTest < ShaleTest
  def test_store_and_put
    both do |db|
      value = "v"
      assert_same value, db.store("k", value)
      assert_same value, (db["k"] = value)
      assert_kind_of Integer, db.put("k", "w")
      assert_equal "w", db["k"]
      assert_equal "x", db.store("k", "x", sync: true, write_around: true)
      assert_equal "x", db["k"]
    end
  end

  def test_put_if_absent_and_replace
    both do |db|
      assert_nil db.replace("k", "1")
      refute db.key?("k")
      assert_kind_of Integer, db.put_if_absent("k", "2")
      assert_nil db.put_if_absent("k", "3")
      assert_equal "2", db["k"]
      assert_kind_of Integer, db.replace("k", "4", sync: true)
      assert_equal "4", db["k"]
    end
  end

  def test_delete
    both do |db|
      db.update({ "a" => "1", "b" => "2", "c" => "3" })
      assert_equal true, db.delete("a")
      assert_equal false, db.delete("a")
      assert_equal true, db.delete("a", check: false)
      assert_same db, db.delete_many(%w[b c nothing], sync: true)
      assert_equal [], db.to_a
      assert db.empty?
    end
  end

  def test_update
    both do |db|
      assert_same db, db.update({ "a" => "1", "b" => "2" })
      assert_same db, db.merge!({ "b" => "3" }, ttl: 60, sync: true)
      db.update({})
      assert_equal({ "a" => "1", "b" => "3" }, db.to_h)
      assert_equal Float::INFINITY, db.ttl("a")
      assert_operator db.ttl("b"), :<=, 60
    end
  end

  def test_get_and_set
    both do |db|
      assert_nil db.get_and_set("k", "1")
      assert_equal "1", db.get_and_set("k", "2", ttl: 60)
      assert_equal "2", db["k"]
      assert_operator db.ttl("k"), :<=, 60
    end
  end

  def test_counters
    both do |db|
      assert_equal 1, db.incr("n")
      assert_equal 11, db.incr("n", 10, sync: true)
      assert_equal 9, db.decr("n", 2)
      assert_equal 8, db.decr("n")
      assert_equal "8", db["n"]
      db["n"] = (2**63 - 1).to_s
      error = assert_raises(Shale::OverflowError) { db.incr("n") }
      assert_equal Shale::Code::E_OVERFLOW, error.code
      db["text"] = "text"
      assert_raises(Shale::NotANumberError) { db.incr("text") }
      assert_raises(RangeError) { db.incr("n", 2**63) }
    end
  end

  def test_expiry
    both do |db|
      db.store("k", "v", ttl: 0.02)
      sleep 0.05
      assert_nil db["k"]
      assert_equal false, db.expire("k", 1)
      assert_equal false, db.persist("k")
      db["k"] = "v"
      assert_equal true, db.expire("k", 60, sync: true)
      assert_operator db.ttl("k"), :<=, 60
      db.store("k", "w", ttl: :keep)
      assert_operator db.ttl("k"), :<=, 60
      assert_equal true, db.persist("k", sync: true)
      assert_equal Float::INFINITY, db.ttl("k")
      db.expire("k", 0.01)
      sleep 0.03
      refute db.key?("k")
    end
  end

  def test_default_time_to_live
    both(ttl: 100) do |db|
      db["a"] = "1"
      db.store("b", "1", ttl: :never)
      assert_operator db.ttl("a"), :<=, 100
      assert_equal Float::INFINITY, db.ttl("b")
      db.expire("b", :default)
      assert_operator db.ttl("b"), :<=, 100
      db.expire("a", :never)
      assert_equal Float::INFINITY, db.ttl("a")
    end
  end

  def test_a_time_to_live_is_never_taken_for_one_of_the_special_numbers
    both do |db|
      [0, -1, -2, 0.0, -0.5, Float::INFINITY, Float::NAN].each do |ttl|
        assert_raises(Shale::InvalidError, ttl.to_s) { db.store("k", "v", ttl: ttl) }
        assert_raises(Shale::InvalidError, ttl.to_s) { db.expire("k", ttl) }
      end
      assert_raises(TypeError) { db.store("k", "v", ttl: "60") }
      assert_raises(TypeError) { db.store("k", "v", ttl: :sometimes) }
      assert_equal "v", db.store("k", "v", ttl: 1e-9)
    end
  end

  def test_compare_and_set
    both do |db|
      assert_nil db.compare_and_set("k", "1", "2")
      db["k"] = "1"
      assert_equal false, db.compare_and_set("k", "x", "2")
      assert_equal true, db.compare_and_set("k", "1", "2", ttl: 60, sync: true)
      assert_equal "2", db["k"]
      assert_equal false, db.compare_and_delete("k", "1")
      assert_equal true, db.compare_and_delete("k", "2")
      assert_nil db.compare_and_delete("k", "2")
    end
  end

  def test_compare_version
    both do |db|
      first = db.compare_version_and_set("k", 0, "1")
      assert_nil db.compare_version_and_set("k", 0, "2")
      second = db.compare_version_and_set("k", first, "2", ttl: 60)
      assert_operator second, :>, first
      assert_equal ["2", second], db.get_with_version("k")
      assert_equal false, db.compare_version_and_delete("k", first)
      assert_equal true, db.compare_version_and_delete("k", second)
      assert_nil db.compare_version_and_delete("k", second)
    end
  end

  def test_batch
    both do |db|
      db["gone"] = "1"
      result = db.batch(sync: true) do |b|
        assert b.empty?
        b["a"] = "1"
        b.store("b", "2", ttl: 60)
        b.update({ "c" => "3" }).merge!({ "a" => "4" })
        b.delete("gone")
        assert_equal [5, 5], [b.size, b.length]
        assert_equal 12, b.bytesize
        assert db.key?("gone")
        :result
      end
      assert_equal :result, result
      assert_equal({ "a" => "4", "b" => "2", "c" => "3" }, db.to_h)
      assert_operator db.ttl("b"), :<=, 60
      db.batch { |b| b["x"] = "y"; b.clear }
      refute db.key?("x")
    end
  end

  def test_a_batch_whose_block_raises_is_not_written
    both do |db|
      assert_raises(RuntimeError) { db.batch { |b| b["k"] = "v"; raise "no" } }
      refute db.key?("k")
      kept = nil
      db.batch { |b| kept = b }
      assert_raises(Shale::ClosedError) { kept["k"] = "v" }
      assert_raises(Shale::ClosedError) { kept.size }
    end
  end
end
