# frozen_string_literal: true

require_relative "test_helper"

# A wrong type is a TypeError, whatever it is and wherever it stands.
class TypesTest < ShaleTest
  WRONG = [nil, :symbol, 1, 1.5, [], {}, Object.new, true, String, BasicObject].freeze

  CALLS = {
    "[]" => ->(db, x) { db[x] }, "get" => ->(db, x) { db.get(x) }, "key?" => ->(db, x) { db.key?(x) },
    "[]= key" => ->(db, x) { db[x] = "v" }, "[]= value" => ->(db, x) { db["k"] = x },
    "store key" => ->(db, x) { db.store(x, "v") }, "store value" => ->(db, x) { db.store("k", x) },
    "fetch" => ->(db, x) { db.fetch(x) { 1 } }, "values_at" => ->(db, x) { db.values_at("k", x) },
    "get_many" => ->(db, x) { db.get_many([x]) }, "delete" => ->(db, x) { db.delete(x) },
    "delete_many" => ->(db, x) { db.delete_many(["k", x]) }, "update key" => ->(db, x) { db.update({ x => "v" }) },
    "update value" => ->(db, x) { db.update({ "k" => x }) }, "incr" => ->(db, x) { db.incr(x) },
    "get_and_set" => ->(db, x) { db.get_and_set("k", x) }, "expected" => ->(db, x) { db.compare_and_set("k", x, "v") },
    "expire" => ->(db, x) { db.expire(x, 1) }, "ttl" => ->(db, x) { db.ttl(x) }, "resume" => ->(db, x) { db.resume(x) },
    "batch key" => ->(db, x) { db.batch { |b| b[x] = "v" } }, "batch value" => ->(db, x) { db.batch { |b| b["k"] = x } },
    "batch delete" => ->(db, x) { db.batch { |b| b.delete(x) } }
  }.freeze

  CALLS.each do |name, call|
    define_method("test_bytes_of_#{name.gsub(/\W+/, '_')}_#{CALLS.keys.index(name)}") do
      Shale.memory(memory: MEMORY) do |db|
        db["k"] = "v"
        WRONG.each { |wrong| assert_raises(TypeError, name) { call.call(db, wrong) } }
        assert_equal [%w[k v]], db.to_a
      end
    end
  end

  def test_numbers
    Shale.memory(memory: MEMORY) do |db|
      [nil, "1", 1.5, :x, [], Object.new].each do |wrong|
        assert_raises(TypeError) { db.incr("n", wrong) }
        assert_raises(TypeError) { db.compare_version_and_set("n", wrong, "v") }
        assert_raises(TypeError) { db.shard_state(wrong) }
        assert_raises(TypeError, wrong.inspect) { db.each(limit: wrong).to_a } unless wrong.nil?
      end
      assert_raises(RangeError) { db.incr("n", 2**64) }
      assert_raises(RangeError) { db.each(limit: 2**64).to_a }
      assert_raises(Shale::InvalidError) { db.shard_state(64) }
      assert_raises(Shale::InvalidError) { db.shard_state(-1) }
      assert_equal :open, db.shard_state(63)
    end
  end

  def test_collections
    Shale.memory(memory: MEMORY) do |db|
      assert_raises(NoMethodError) { db.update("k") }
      assert_raises(TypeError) { db.get_many("k") }
      assert_raises(TypeError) { db.delete_many("k") }
      assert_raises(TypeError) { db.each_prefix(1).to_a }
      assert_raises(TypeError) { db.range(1..2).to_a }
    end
  end

  # to_str runs Ruby code, which could close the database between two arguments of one call.
  def test_what_only_looks_like_a_string_is_none
    sly = Object.new
    Shale.memory(memory: MEMORY) do |db|
      sly.define_singleton_method(:to_str) { db.close && "k" }
      assert_raises(TypeError) { db.store("k", sly) }
      assert_raises(TypeError) { db[sly] }
      refute db.closed?
      assert_equal "v", db.store(Class.new(String).new("k"), "v")
      assert_equal "v", db["k"]
    end
  end

  def test_the_raw_layer_takes_no_other_object_for_a_handle
    Shale.memory(memory: MEMORY) do |db|
      [nil, 1, "db", Object.new, db.class, Shale::Batch.allocate].each do |wrong|
        assert_raises(TypeError) { RAW.shale_flush(wrong) }
        assert_raises(TypeError) { RAW.shale_iter_next(wrong) }
        assert_raises(TypeError) { RAW.shale_write(db, wrong, 0) }
        assert_raises(TypeError) { RAW.rows(wrong) }
        assert_raises(TypeError) { RAW.shale_iter_free(wrong) }
        assert_raises(TypeError) { RAW.shale_options_set(wrong, "a", "b") } unless wrong.nil?
      end
      assert_raises(TypeError) { RAW.shale_iter_next(db) }
      assert_raises(ArgumentError) { RAW.shale_put(db, "k") }
      assert_raises(Shale::InvalidError) { RAW.shale_put(db, "k", "v", 0, 1 << 30) }
      assert_raises(NameError) { Shale::Raw }
      assert_raises(TypeError) { RAW::Iter.allocate }
    end
  end

  def test_an_object_that_was_never_opened
    db = Shale::DB.allocate
    assert db.closed?
    assert_raises(Shale::ClosedError) { db["k"] }
    assert_raises(Shale::ClosedError) { db.to_a }
    assert_nil db.close
    assert_raises(TypeError, NoMethodError) { db.dup }
  end
end
