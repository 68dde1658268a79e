# frozen_string_literal: true

require_relative "test_helper"
require "timeout"

class ThreadsTest < ShaleTest
  def test_counters_from_many_threads
    both do |db|
      Array.new(8) { Thread.new { 2000.times { db.incr("n") } } }.each(&:join)
      assert_equal "16000", db["n"]
    end
  end

  def test_compare_and_set_from_many_threads
    both do |db|
      db["n"] = "0"
      add = -> { nil until (old = db["n"]) && db.compare_and_set("n", old, (old.to_i + 1).to_s) }
      Array.new(4) { Thread.new { 500.times { add.call } } }.each(&:join)
      assert_equal "2000", db["n"]
    end
  end

  # Readers, writers and iterations get the documented error when the store is closed under them, and nothing
  # else.
  def test_close_while_others_are_inside
    10.times do |round|
      db = round.even? ? Shale.memory(memory: "8MiB") : Shale.open("#{path}#{round}", memory: "16MiB")
      200.times { |i| db["k#{i}"] = "v" * 700 }
      work = [-> { db["k1"] }, -> { db.store("k2", "w", sync: true) }, -> { db.each { |_| nil } }, -> { db.values_at("k1", "k3") },
              -> { db.batch { |b| b["k4"] = "x" } }, -> { db.get("k5", fill: false) }, -> { db.incr("n") }, -> { db.stats }]
      errors = Queue.new
      started = Queue.new
      threads = work.map do |call|
        Thread.new do
          loop { call.call && started << 1 }
        rescue StandardError => e
          errors << e.class
        end
      end
      20.times { started.pop }
      closers = Array.new(2) { Thread.new { db.close } }
      (closers + threads).each(&:join)
      assert_equal [Shale::ClosedError], Array.new(errors.size) { errors.pop }.uniq
      assert_equal 0, Shale.live_handles if round.even?
    end
    clean_stack
  end

  def test_a_cursor_belongs_to_one_thread
    on_disk do |db|
      500.times { |i| db[format("%03d", i)] = "v" * 1000 }
      db.cursor do |cursor|
        rows = Queue.new
        threads = Array.new(4) do
          Thread.new do
            until (row = cursor.next).nil?
              rows << row
            end
          rescue Shale::InvalidError
            retry
          end
        end
        threads.each(&:join)
        assert_equal 500, Array.new(rows.size) { rows.pop[0] }.uniq.size
      end
    end
  end

  def test_strings_that_change_while_a_call_is_under_way
    on_disk(durability: :disk) do |db|
      value = +"a" * 1000
      stop = false
      changer = Thread.new do
        until stop
          value.replace("b" * 2000)
          value.replace("a" * 1000)
          GC.compact if rand(50).zero?
        end
      end
      100.times do |i|
        db["k#{i}"] = value
        assert_match(/\A(a{1000}|b{2000})\z/, db["k#{i}"])
      end
      stop = true
      changer.join
    end
  end

  def test_killed_and_timed_out_threads_leave_nothing
    on_disk do |db|
      200.times { |i| db.store("k#{i}", "v" * 3000, write_around: true) }
      20.times do
        thread = Thread.new { loop { db.store("k", "v", sync: true) && db.each { |_| nil } && db.get("k1", fill: false) } }
        sleep rand * 0.01
        thread.kill.join
        begin
          Timeout.timeout(0.005) { loop { db.store("k", "v", sync: true) && db["k#{rand(200)}"] } }
        rescue Timeout::Error
          nil
        end
      end
    end
    clean_stack
  end
end
