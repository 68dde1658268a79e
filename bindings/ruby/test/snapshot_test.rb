# frozen_string_literal: true

require_relative "test_helper"

# The store as it was, whatever happens to it, to its snapshots and to their cursors.
class SnapshotTest < ShaleTest
  WIDE = "\xFF\0".b * 50_000

  def test_a_snapshot_stays_as_it_was
    both do |db|
      version = db.put("k", "before")
      db.update({ "empty" => "", "wide" => WIDE })
      snapshot = db.snapshot
      db["k"] = "after"
      db.delete_range("wide"..)
      db["new"] = "v"
      assert_equal ["before", version], snapshot.get_with_version("k")
      assert_equal [WIDE, "", nil], [snapshot["wide"], snapshot.get("empty"), snapshot["new"]]
      assert_equal [nil, "before", WIDE, ""], snapshot.values_at("new", "k", "wide", "empty")
      assert_equal [], snapshot.values_at
      assert(snapshot.key?("wide") && snapshot.include?("k") && !snapshot.has_key?("new"))
      assert_equal "none", snapshot.fetch("new", "none")
      assert_raises(Shale::NotFoundError) { snapshot.fetch("new") }
      assert_equal %w[before 0], snapshot.fetch_values("k", "new") { "0" }
      assert_equal({ "empty" => "", "k" => "before", "wide" => WIDE }, snapshot.to_h)
      assert_equal %w[k empty], snapshot.keys("e".."m", reverse: true)
      assert_equal 1, snapshot.each_prefix("wi").count
      refute_empty snapshot
      assert_equal "after", db["k"]
      assert_match(/\A#<Shale::Snapshot of #<Shale::DB .*>>\z/, snapshot.inspect)
      2.times { assert_nil snapshot.close }
      assert snapshot.closed?
    end
  end

  def test_the_block_form_closes_and_returns_what_the_block_did
    both do |db|
      kept = nil
      before = Shale.live_handles
      assert_equal(:result, db.snapshot { |snapshot| (kept = snapshot) && :result })
      assert kept.closed?
      assert_raises(IndexError) { db.snapshot { raise IndexError } }
      assert_equal before, Shale.live_handles
    end
  end

  def test_types_and_encodings
    Shale.memory(memory: MEMORY, encoding: "UTF-8") do |db|
      db["ключ"] = "é" * 5000
      db.snapshot do |snapshot|
        assert_equal Encoding::UTF_8, snapshot["ключ"].encoding
        assert_equal [Encoding::UTF_8] * 2, snapshot.first.map(&:encoding)
        assert_equal Encoding::UTF_8, snapshot.values_at("ключ")[0].encoding
        [1, nil, :k].each do |key|
          assert_raises(TypeError) { snapshot[key] }
          assert_raises(TypeError) { snapshot.values_at(key) }
          assert_raises(TypeError) { snapshot.key?(key) }
        end
        assert_raises(Shale::InvalidError) { snapshot[""] }
        assert_raises(Shale::TooLargeError) { snapshot["k" * 70_000] }
        assert_raises(Shale::InvalidError) { snapshot.resume("no token") }
        assert_raises(Shale::InvalidError) { snapshot.cursor(limit: 0) }
      end
      assert_raises(TypeError) { Shale::Snapshot.new }
      assert_raises(TypeError) { RAW.snapshot_get(db, "k") }
      assert_raises(TypeError) { RAW.shale_snapshot_iter("db", nil, nil, 0, 0) }
    end
  end

  def test_cursors_go_on_without_their_snapshot
    both do |db|
      10.times { |i| db["k#{i}"] = "v" }
      snapshot = db.snapshot
      db.delete_range(prefix: "k")
      first = snapshot.cursor("k2".."k7")
      assert_equal %w[k2 v], first.next
      second = snapshot.resume(first.token)
      rows = snapshot.each
      assert_equal %w[k0 v], rows.next
      snapshot.close
      assert_equal 5, first.count
      assert_equal 5, second.count
      assert_equal %w[k1 v], rows.next
      [first, second].each(&:close)
    end
    clean_stack
  end

  CALLS = [->(s) { s["k"] }, ->(s) { s.get_with_version("k") }, ->(s) { s.key?("k") }, ->(s) { s.values_at("k") },
           ->(s) { s.to_a }, ->(s) { s.keys }, ->(s) { s.each_prefix("k").to_a }, ->(s) { s.cursor },
           ->(s) { s.resume("t") }, ->(s) { s.fetch("k", nil) }].freeze

  def test_every_call_after_close
    both do |db|
      db["k"] = "v"
      closed = db.snapshot.tap(&:close)
      orphan = db.snapshot
      db.close
      CALLS.each do |call|
        assert_raises(Shale::ClosedError) { call.call(closed) }
        assert_raises(Shale::ClosedError) { call.call(orphan) }
      end
      assert_raises(Shale::ClosedError) { db.snapshot }
      orphan.close
    end
  end

  def test_close_while_others_read
    on_disk do |db|
      100.times { |i| db["k#{i}"] = "v" * 200 }
      db.flush
      5.times do
        snapshot = db.snapshot
        reads = 0
        threads = Array.new(3) do
          Thread.new do
            loop { (reads += 1) && assert_equal("v" * 200, snapshot["k#{rand(100)}"]) }
          rescue Shale::ClosedError
            :closed
          end
        end
        Thread.pass while reads < 50
        snapshot.close
        assert_equal %i[closed] * 3, threads.map(&:value)
      end
      assert_equal 0, db.stat("snapshots.open")
    end
  end

  # A store that nobody holds is closed when it is collected; whoever reads from it holds it. Cursors did not.
  def test_snapshots_and_cursors_keep_their_stores
    Thread.new do
      kept = Array.new(6) do |i|
        db = Shale.open("#{path}#{i}", memory: "16MiB")
        db["k"] = "v"
        i.even? ? db.snapshot : db.snapshot.cursor
      end
      clean_stack
      kept.each_with_index { |one, i| assert_equal "v", i.even? ? one["k"] : one.next[1] }
    end.join
    clean_stack
  end
end
