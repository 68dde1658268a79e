# frozen_string_literal: true

require_relative "test_helper"

# The lock of the VM is kept while memory answers, and given up while the disk does. The disk is made slow by
# slow_disk.c, which run_tests has loaded into this process; SLOW_DISK_MS says how slow, from the next call
# on.
class GvlTest < ShaleTest
  DELAY_MS = 200

  def setup
    super
    raise "slow_disk.so is not loaded" unless File.read("/proc/self/maps").include?("slow_disk.so")
  end

  def slow
    ENV["SLOW_DISK_MS"] = DELAY_MS.to_s
    yield
  ensure
    ENV["SLOW_DISK_MS"] = "0"
  end

  # How often another thread got to run while the block ran.
  def turns
    stop = false
    count = 0
    other = Thread.new { (count += 1) && sleep(0.001) until stop }
    Thread.pass until count.positive?
    before = count
    yield
    count - before
  ensure
    stop = true
    other.join
  end

  # If the lock was kept, the other thread had no turn at all, or one before the call; on a busy machine it gets few.
  def assert_others_run(what, &block)
    assert_operator turns { slow(&block) }, :>=, 2, what
  end

  def released
    before = RAW.releases
    yield
    RAW.releases - before
  end

  def test_others_run_while_a_call_waits
    on_disk(durability: :os) do |db|
      long = "v" * 2000
      assert_others_run("store sync") { db.store("a", "v", sync: true) }
      assert_others_run("incr sync") { db.incr("n", sync: true) }
      assert_others_run("batch sync") { db.batch(sync: true) { |b| b["b"] = "v" } }
      assert_others_run("sync") { (db["c"] = "v") && db.sync }
      10.times { |i| db.store("long#{i}", long, write_around: true) }
      assert_others_run("[]") { assert_equal long, db["long0"] }
      assert_others_run("get") { assert_equal long, db.get("long1") }
      assert_others_run("values_at") { assert_equal [long, long], db.values_at("long2", "long3") }
      assert_others_run("get_many") { assert_equal 2, db.get_many(%w[long4 long5]).compact.size }
      assert_others_run("get_and_set") { assert_equal long, db.get_and_set("long6", "v") }
      assert_others_run("compare_and_set") { assert db.compare_and_set("long7", long, "v") }
      assert_others_run("each") { db.range("long8"..).to_a }
      assert_others_run("cursor") { db.cursor("long8"..) { |cursor| 3.times { cursor.next } } }
    end
  end

  def test_others_run_while_every_write_is_made_durable
    on_disk(durability: :disk) do |db|
      assert_others_run("[]=") { db["a"] = "v" }
      assert_others_run("delete") { db.delete("a", check: false) }
      assert_others_run("update") { db.update({ "a" => "v" }) }
    end
  end

  def test_others_run_while_a_store_is_opened_and_closed
    db = on_disk { |first| first.store("k", "v" * 2000) && first }
    db = nil
    db_again = nil
    assert_others_run("open") { db_again = on_disk }
    db_again["k"] = "w"
    assert_others_run("close") { db_again.sync && db_again.close }
    assert_nil db
  end

  def test_memory_hits_keep_the_lock
    both do |db|
      db.update({ "k" => "v", "n" => "1" })
      calls = { "[]" => -> { db["k"] }, "get" => -> { db.get("k") }, "key?" => -> { db.key?("k") }, "fetch" => -> { db.fetch("k") },
                "values_at" => -> { db.values_at("k", "n") }, "ttl" => -> { db.ttl("k") }, "[]=" => -> { db["k"] = "v" },
                "store" => -> { db.store("k", "v", ttl: 60) }, "incr" => -> { db.incr("n") }, "cached?" => -> { db.cached?("k") },
                "replace" => -> { db.replace("k", "v") }, "get_and_set" => -> { db.get_and_set("k", "v") },
                "get_many" => -> { db.get_many(["k"]) }, "compare_and_set" => -> { db.compare_and_set("k", "v", "v") },
                "expire" => -> { db.expire("k", 5) }, "persist" => -> { db.persist("k") }, "version" => -> { db.version("k") } }
      calls.each { |name, call| assert_equal 0, released { 200.times { call.call } }, "#{name} #{db.inspect}" }
    end
  end

  def test_a_store_in_memory_never_waits_for_a_disk
    Shale.memory(memory: MEMORY) do |db|
      gone = released do
        db.update({ "a" => "1", "b" => "2" })
        db.batch(sync: true) { |b| b["c"] = "3" }
        db["missing"]
        db.delete("a")
        db.store("d", "v" * 100_000, sync: true)
        db.flush
      end
      assert_equal 0, gone
    end
  end

  # Giving the lock up at each call would let the busy thread see (almost) each of them.
  def test_a_busy_thread_does_not_slow_memory_hits_down
    Shale.memory(memory: MEMORY) do |db|
      db["k"] = "v"
      stop = false
      done = 0
      seen = {}
      busy = Thread.new { seen[done] = true until stop }
      Thread.pass until seen.any?
      2000.times { db["k"] && done += 1 }
      stop = true
      busy.join
      assert_operator seen.size, :<, 200
    end
  end

  def test_the_lock_is_given_up_when_writers_are_about_to_wait
    on_disk(options: { "pending.bytes_max" => "256KiB" }) do |db|
      # How soon depends on how fast the drains are.
      gone = 0
      50.times do
        gone += released { 10_000.times { |i| db["key#{i}"] = "v" * 400 } }
        break if gone > 0
      end
      assert_operator gone, :>, 0
    end
  end
end
