# frozen_string_literal: true

require_relative "test_helper"

class ReadingTest < ShaleTest
  def test_a_hash_of_bytes
    both do |db|
      assert_nil db["k"]
      db["k"] = "v"
      assert_equal "v", db["k"]
      assert_equal "v", db.get("k")
      assert_equal [true, true, true, true], [db.key?("k"), db.has_key?("k"), db.include?("k"), db.member?("k")]
      refute db.key?("other")
    end
  end

  def test_what_comes_back_is_binary_unfrozen_and_new
    both do |db|
      db["k"] = "v"
      value = db["k"]
      assert_equal Encoding::BINARY, value.encoding
      refute value.frozen?
      value << "changed"
      assert_equal "v", db["k"]
    end
  end

  def test_encoding_of_everything_that_comes_back
    both(encoding: "UTF-8") do |db|
      db["k\u00e9"] = "v\u00e9"
      db.compare_and_set("k\u00e9", "v\u00e9", "w\u00e9")
      row = db.cursor { |cursor| cursor.next }
      strings = [db["k\u00e9"], db.get("k\u00e9"), db.values_at("k\u00e9")[0], db.to_a[0], db.keys, row,
                 db.get_and_set("k\u00e9", "x")].flatten
      assert_equal [Encoding::UTF_8], strings.map(&:encoding).uniq
      assert_equal ["w\u00e9", "k\u00e9"], strings.uniq
    end
    assert_raises(ArgumentError) { Shale.memory(encoding: "no such encoding") }
  end

  def test_into_a_string_that_is_there
    both(encoding: "UTF-8") do |db|
      db.update({ "k" => "v\u00e9", "empty" => "", "short" => "s" * 23, "next" => "n" * 24, "long" => "l" * 70_000 })
      buffer = +"old"
      %w[k empty long short next k].each do |key|
        assert_same buffer, db.get_into(key, buffer)
        assert_equal db[key], buffer
        assert_equal Encoding::UTF_8, buffer.encoding
        assert_predicate buffer, :valid_encoding?
      end
      assert_nil db.get_into("missing", buffer)
      assert_equal "", buffer
    end
  end

  # What shares its bytes with the buffer keeps them: a copy of it, and the key when the buffer is the key.
  def test_into_a_string_that_shares_its_bytes
    both do |db|
      key = "k" * 1000
      db[key] = "v" * 1000
      buffer = "b" * 5000
      copy = buffer.dup
      tail = buffer[2000..]
      db.get_into(key, buffer)
      assert_equal ["b" * 5000, "b" * 3000, "v" * 1000], [copy, tail, buffer]
      buffer = key.dup
      assert_equal "v" * 1000, db.get_into(key, buffer)
      assert_equal "k" * 1000, key
      assert_equal "v" * 1000, db.get_into(key, key)
    end
  end

  def test_into_what_cannot_be_written
    both do |db|
      db["k"] = "v"
      assert_raises(FrozenError) { db.get_into("k", "frozen".freeze) }
      assert_raises(TypeError) { db.get_into("k", nil) }
      assert_raises(TypeError) { db.get_into(:k, +"") }
      assert_raises(Shale::InvalidError) { db.get_into("", +"") }
    end
  end

  # What only the disk knows comes without the lock of the VM; the answer comes by way of a new String.
  def test_into_a_string_from_disk
    on_disk do |db|
      db.store("k", "v" * 10_000, write_around: true)
      refute db.cached?("k")
      buffer = +""
      assert_equal "v" * 10_000, db.get_into("k", buffer)
      assert_equal "v" * 10_000, db.get_into("k", buffer)
    end
  end

  def test_fetch
    both do |db|
      db["k"] = "v"
      assert_equal "v", db.fetch("k")
      assert_equal "v", db.fetch("k", "other")
      assert_equal "other", db.fetch("x", "other")
      assert_nil db.fetch("x", nil)
      assert_equal "x!", db.fetch("x") { |key| "#{key}!" }
      error = assert_raises(KeyError) { db.fetch("x") }
      assert_instance_of Shale::NotFoundError, error
      assert_same db, error.receiver
      assert_equal "x", error.key
      assert_equal 'key not found: "x"', error.message
    end
  end

  def test_many_values
    both do |db|
      db.update({ "a" => "1", "b" => "" })
      assert_equal ["1", nil, "", "1"], db.values_at("a", "x", "b", "a")
      assert_equal [], db.values_at
      assert_equal ["1", ""], db.fetch_values("a", "b")
      assert_equal ["1", "x?"], db.fetch_values("a", "x") { |key| "#{key}?" }
      assert_equal "x", assert_raises(KeyError) { db.fetch_values("a", "x") }.key
      assert_equal({ "a" => "1", "x" => nil }, db.get_many(%w[a x]))
      assert_equal({ "a" => "1" }, db.slice("a", "x"))
    end
  end

  def test_memory_only_reads
    on_disk do |db|
      db.store("k", "v" * 1000, write_around: true)
      assert_raises(Shale::WouldBlockError) { db.get("k", cache_only: true) }
      assert_raises(Shale::WouldBlockError) { db.get_with_version("k", cache_only: true) }
      assert_raises(Shale::WouldBlockError) { db.ttl("k", cache_only: true) }
      assert_nil db.cached?("k")
      assert_equal({}, db.get_many(["k"], cache_only: true))
      assert_equal "v" * 1000, db.get("k", fill: false)
      assert_nil db.cached?("k")
      assert_equal ["v" * 1000], db.values_at("k")
      assert_equal "v" * 1000, db["k"]
      assert_equal true, db.cached?("k")
      assert_equal "v" * 1000, db.get("k", cache_only: true)
    end
    Shale.memory(memory: MEMORY) { |db| assert_equal false, db.cached?("k") }
  end

  def test_versions
    both do |db|
      assert_nil db.get_with_version("k")
      assert_nil db.version("k")
      first = db.put("k", "1")
      assert_equal ["1", first], db.get_with_version("k")
      second = db.put("k", "2")
      assert_operator second, :>, first
      assert_equal second, db.version("k")
    end
  end

  def test_time_to_live
    both do |db|
      assert_nil db.ttl("k")
      db["k"] = "v"
      assert_equal Float::INFINITY, db.ttl("k")
      db.store("k", "v", ttl: 100)
      assert_in_delta 50.0, db.ttl("k"), 50.0
      assert_instance_of Float, db.ttl("k")
    end
  end
end
