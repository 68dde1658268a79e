# frozen_string_literal: true

require "timeout"
require_relative "test_helper"

# fetch_or_load and load_many: one thread loads, the others wait.
class LoadingTest < ShaleTest
  # A thread inside its block until it is let go.
  def slow_load(db, key, value)
    inside = Queue.new
    leave = Queue.new
    thread = Thread.new do
      Thread.current.report_on_exception = false
      db.fetch_or_load(key) do
        inside << true
        leave.pop
        value
      end
    end
    inside.pop
    [thread, leave]
  end

  def never
    ->(_) { raise "loaded twice" }
  end

  def test_one_of_many_threads_loads
    both do |db|
      loads = Queue.new
      values = Array.new(8) do
        Thread.new do
          db.fetch_or_load("k", ttl: 60) do |key|
            loads << key
            sleep 0.05
            "loaded"
          end
        end
      end.map(&:value)
      assert_equal ["loaded"] * 8, values
      assert_equal 1, loads.size
      assert_equal "k", loads.pop
      assert_in_delta 60, db.ttl("k"), 5
    end
  end

  # Somebody who waits must not keep the others from running: the one who loads is one of them.
  def test_waiting_lets_other_threads_run
    Shale.memory(memory: MEMORY) do |db|
      thread, leave = slow_load(db, "k", "v")
      waiting = Thread.new { db.fetch_or_load("k", &never) }
      ticks = 0
      20.times { (ticks += 1) && sleep(0.001) }
      assert_equal 20, ticks
      assert waiting.alive?
      leave << true
      assert_equal %w[v v], [thread.value, waiting.value]
    end
  end

  def test_waiting_can_be_ended
    Shale.memory(memory: MEMORY) do |db|
      thread, leave = slow_load(db, "k", "v")
      [0, 0.005, 0.15].each do |wait|
        assert_raises(Shale::WouldBlockError) { db.fetch_or_load("k", wait: wait, &never) }
        assert_raises(Shale::WouldBlockError) { db.load_many(["k"], wait: wait, &never) }
      end
      assert_raises(Timeout::Error) { Timeout.timeout(0.05) { db.fetch_or_load("k", &never) } }
      killed = Thread.new { db.fetch_or_load("k", &never) }
      sleep 0.01
      killed.kill.join
      leave << true
      assert_equal "v", thread.value
    end
  end

  def test_what_the_block_raises_comes_back
    both do |db|
      assert_raises(IndexError) { db.fetch_or_load("k") { raise IndexError } }
      assert_equal :thrown, (catch(:out) { db.fetch_or_load("k") { throw :out, :thrown } })
      assert_equal 7, leave_by_break(db)
      assert_raises(TypeError) { db.fetch_or_load("k", wait: 0) { 5 } }
      assert_raises(IndexError) { db.load_many(%w[k l]) { raise IndexError } }
      assert_raises(ArgumentError) { db.load_many(%w[k l]) { ["one"] } }
      assert_raises(ArgumentError) { db.load_many(%w[k l]) { "no array" } }
      assert_equal "v", db.fetch_or_load("k", wait: 0) { "v" }
      assert_equal({ "k" => "v", "l" => "" }, db.load_many(%w[k l k], wait: 0) { [""] })
    end
  end

  def leave_by_break(db)
    db.fetch_or_load("k") { break 7 }
  end

  def test_nil_is_remembered_if_asked
    Shale.memory(memory: MEMORY) do |db|
      loads = 0
      3.times { assert_nil(db.fetch_or_load("k", missing_ttl: 60) { (loads += 1) && nil }) }
      assert_equal 1, loads
      3.times { assert_nil(db.fetch_or_load("l") { (loads += 1) && nil }) }
      assert_equal 4, loads
      assert_equal({ "k" => nil }, db.load_many(["k"], &never))
      db["k"] = "v"
      assert_equal "v", db.fetch_or_load("k", &never)
    end
  end

  def test_a_stale_value_while_another_loads
    Shale.memory(memory: MEMORY, options: { "ttl.grace_ms" => 60_000 }) do |db|
      db.store("k", "old", ttl: 0.001)
      sleep 0.005
      thread, leave = slow_load(db, "k", "new")
      assert_equal "old", db.fetch_or_load("k", stale: true, &never)
      assert_equal({ "k" => "old" }, db.load_many(["k"], stale: true, &never))
      leave << true
      assert_equal "new", thread.value
      assert_equal "new", db["k"]
    end
  end

  def test_what_is_written_meanwhile_is_newer
    both do |db|
      assert_equal "newer", (db.fetch_or_load("k") { (db["k"] = "newer") && "older" })
      assert_equal "made", (db.fetch_or_load("gone") { db.delete("gone", check: false) && "made" })
      refute db.key?("gone")
      made = db.load_many(%w[a b]) { (db["a"] = "newer") && %w[older b] }
      assert_equal({ "a" => "newer", "b" => "b" }, made)
    end
  end

  def test_many_keys_of_many_threads
    both do |db|
      keys = Array.new(300) { |i| "key#{i}" }
      loads = Queue.new
      all = Array.new(6) do |t|
        Thread.new do
          db.load_many(keys.rotate(t * 37), ttl: :never, write_around: true) do |missing|
            missing.each { |key| loads << key }
            Thread.pass
            missing.map { |key| "of #{key}" }
          end
        end
      end.map(&:value)
      all.each { |made| assert_equal(keys.to_h { |key| [key, "of #{key}"] }, made) }
      assert_equal keys.sort, Array.new(loads.size) { loads.pop }.sort
    end
  end

  def test_closing_wakes_those_who_wait
    db = Shale.memory(memory: MEMORY)
    thread, leave = slow_load(db, "k", "v")
    waiting = Thread.new do
      Thread.current.report_on_exception = false
      db.fetch_or_load("k", &never)
    end
    sleep 0.02
    db.close
    assert_raises(Shale::ClosedError) { waiting.value }
    leave << true
    assert_raises(Shale::ClosedError) { thread.value }
  end

  def test_what_makes_no_sense
    Shale.memory(memory: MEMORY) do |db|
      assert_raises(ArgumentError) { db.fetch_or_load("k") }
      assert_raises(ArgumentError) { db.load_many(["k"]) }
      assert_raises(TypeError) { db.fetch_or_load(5, &never) }
      assert_raises(TypeError) { db.load_many("k", &never) } if "k".respond_to?(:to_h)
      assert_raises(Shale::InvalidError) { db.fetch_or_load("", &never) }
      assert_raises(Shale::InvalidError) { db.fetch_or_load("k", ttl: :keep, &never) }
      assert_raises(Shale::InvalidError) { db.fetch_or_load("k", wait: -1, &never) }
      assert_raises(TypeError) { db.fetch_or_load("k", hold: "long", &never) }
      assert_raises(Shale::InvalidError) { db.fetch_or_load("k", missing_ttl: 0, &never) }
    end
  end
end
