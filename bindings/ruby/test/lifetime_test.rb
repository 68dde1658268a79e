# frozen_string_literal: true

require_relative "test_helper"

# Whatever is closed, left or collected, in any order: the documented error, no crash, nothing left.
class LifetimeTest < ShaleTest
  CALLS = [
    ->(db) { db["k"] }, ->(db) { db["k"] = "v" }, ->(db) { db.key?("k") }, ->(db) { db.get("k") }, ->(db) { db.values_at("k") },
    ->(db) { db.get_many(["k"]) }, ->(db) { db.store("k", "v") }, ->(db) { db.delete("k") }, ->(db) { db.delete_many(["k"]) },
    ->(db) { db.update({ "k" => "v" }) }, ->(db) { db.incr("k") }, ->(db) { db.decr("k") }, ->(db) { db.expire("k", 1) },
    ->(db) { db.persist("k") }, ->(db) { db.ttl("k") }, ->(db) { db.get_and_set("k", "v") }, ->(db) { db.to_a }, ->(db) { db.keys },
    ->(db) { db.compare_and_set("k", "v", "w") }, ->(db) { db.compare_version_and_set("k", 0, "v") },
    ->(db) { db.compare_and_delete("k", "v") }, ->(db) { db.compare_version_and_delete("k", 1) },
    ->(db) { db.batch { |b| b["k"] = "v" } }, ->(db) { db.each_prefix("k").to_a }, ->(db) { db.cursor }, ->(db) { db.resume("t") },
    ->(db) { db.flush }, ->(db) { db.sync }, ->(db) { db.stats }, ->(db) { db.stat("cache.hits") }, ->(db) { db.shard_state(0) },
    ->(db) { db.option("durability") }, ->(db) { db.cached?("k") }, ->(db) { db.version("k") },
    ->(db) { db.delete_range(prefix: "k") }, ->(db) { db.count_range }, ->(db) { db.estimate_range }, ->(db) { db.compact_range }
  ].freeze

  def test_every_call_after_close
    both do |db|
      db.close
      CALLS.each { |call| assert_raises(Shale::ClosedError) { call.call(db) } }
      assert_nil db.close
    end
  end

  def test_close_gives_everything_back_at_once
    before = Shale.live_handles
    both do |db|
      assert_equal before + 1, Shale.live_handles
      db.close
      assert_equal before, Shale.live_handles
    end
  end

  def test_cursors_after_close
    both do |db|
      db.update({ "a" => "1", "b" => "2" })
      cursor = db.cursor
      rows = db.each
      assert_equal %w[a 1], rows.next
      assert_equal %w[a 1], cursor.next
      db.close
      assert_raises(Shale::ClosedError) { cursor.next }
      # What was read ahead may still come; then it is over.
      assert_raises(Shale::ClosedError, StopIteration) { 3.times { rows.next } }
      2.times { cursor.close }
    end
    clean_stack
  end

  def test_close_inside_of_an_iteration
    both do |db|
      1000.times { |i| db[format("%04d", i)] = "v" * 500 }
      assert_raises(Shale::ClosedError) { db.each { db.close } }
    end
  end

  def test_close_inside_of_a_batch
    both do |db|
      assert_raises(Shale::ClosedError) { db.batch { |b| (b["k"] = "v") && db.close } }
    end
  end

  def test_garbage_in_every_order
    seed = (ENV["SEED"] || Random.new_seed % 1_000_000).to_i
    random = Random.new(seed)
    Thread.new do
      20.times do |round|
        kinds = [-> { Shale.memory(memory: "8MiB") }, -> { Shale.open("#{path}#{round}", memory: "16MiB") }]
        db = kinds[round % 2].call
        db.update({ "a" => "1", "b" => "2" })
        things = [db, db.cursor, db.each, db.cursor(keys_only: true), db.each_key, db.snapshot, db.snapshot]
        things << things[5].cursor << things[6].each
        things[2].next
        things[4].next
        things[8].next
        things[6].close if random.rand(2).zero?
        db.batch { |b| (b["k"] = "v") && things << b }
        db.close if random.rand(3).zero?
        db = nil
        things.shuffle!(random: random)
        things.size.times { things.pop && random.rand(3).zero? && GC.start }
      end
    end.join
    clean_stack
    assert_operator Shale.live_handles, :<=, 4, "SEED=#{seed}" # what the stack of this machine still points to
  end

  def test_an_object_is_opened_once
    both do |db|
      assert_raises(Shale::InvalidError) { db.send(:initialize, nil, memory: "8MiB") }
      db["k"] = "v"
      assert_equal "v", db["k"]
      db.close
      assert_raises(Shale::InvalidError) { db.send(:initialize, nil, memory: "8MiB") }
    end
  end

  def test_a_program_that_closes_nothing_loses_nothing
    script = 'db = Shale.open(ARGV[0], memory: "16MiB"); 500.times { |i| db["k#{i}"] = "v" * i }; $c = db.cursor; $c.next'
    assert system(*ruby, "-e", script, path)
    on_disk { |db| assert_equal 500, db.count }
  end

  def test_ruby_has_no_memory_for_the_value
    # A String that cannot be made must not cost the pin that it would have been made from.
    script = <<~RUBY
      db = Shale.memory(memory: "64MiB")
      db["k"] = "v" * (8 << 20)
      GC.start
      soft, hard = Process.getrlimit(:AS)
      Process.setrlimit(:AS, File.read("/proc/self/statm").split[0].to_i * 4096 + (4 << 20), hard)
      refused = 0
      kept = []
      3.times do
        kept << db["k"]
      rescue NoMemoryError
        refused += 1
      end
      Process.setrlimit(:AS, soft, hard)
      pinned = db.stat("cache.pinned_bytes")
      db.close
      exit(refused.positive? && pinned.zero? && Shale.live_handles.zero?)
    RUBY
    assert system(*ruby, "-e", script)
  end
end
