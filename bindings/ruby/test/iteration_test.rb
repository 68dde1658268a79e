# frozen_string_literal: true

require_relative "test_helper"

class IterationTest < ShaleTest
  def filled
    both do |db|
      ("a".."f").each { |key| db[key] = key.upcase }
      yield db
    end
  end

  def test_enumerable
    filled do |db|
      assert_equal %w[a b c d e f], db.map(&:first)
      assert_equal({ "a" => "A", "b" => "B" }, db.first(2).to_h)
      assert_equal [%w[a A]], db.select { |key, value| key == "a" && value == "A" }
      assert_equal 6, db.count
      assert_equal %w[C D], db.lazy.map(&:last).select { |v| v > "B" }.first(2)
      seen = []
      assert_same db, db.each { |key, value| seen << key + value }
      assert_equal "aA", seen.first
      seen = []
      db.each_pair(reverse: true, limit: 2) { |key, _| seen << key }
      assert_equal %w[f e], seen
      assert_equal %w[a b], db.each_entry.first(2).map(&:first)
    end
  end

  def test_keys
    filled do |db|
      assert_equal %w[a b c d e f], db.keys
      assert_equal %w[f e], db.each_key(reverse: true, limit: 2).to_a
      assert_equal %w[b c], db.each_key("b"..."d").to_a
      assert_equal ["a"], db.each_key(prefix: "a").to_a
      refute db.empty?
      assert_raises(Shale::InvalidError) { db.keys("a".."b", prefix: "a") }
    end
  end

  def test_ranges
    filled do |db|
      of = ->(range, **choice) { db.range(range, **choice).map(&:first).join }
      assert_equal "bc", of.("b"..."d")
      assert_equal "bcd", of.("b".."d")
      assert_equal "def", of.("d"..)
      assert_equal "ab", of.(..."c")
      assert_equal "abc", of.(.."c")
      assert_equal "abcdef", of.(nil)
      assert_equal "", of.("d"..."b")
      assert_equal "dcb", of.("b".."d", reverse: true)
      assert_equal "de", of.("d".., limit: 2)
      assert_raises(TypeError) { of.(1..2) }
      assert_raises(TypeError) { of.("a") }
      assert_raises(Shale::InvalidError) { of.(nil, limit: 0) }
      assert_raises(Shale::InvalidError) { of.(nil, limit: -1) }
    end
  end

  def test_a_closed_range_ends_with_its_last_key_whatever_that_is
    both do |db|
      longest = "k" * 65_535
      keys = ["k", "k\0", "k\xFF".b, longest, "l", "\xFF".b * 65_535]
      keys.each { |key| db[key] = "" }
      keys.each do |key|
        assert_equal keys.map(&:b).select { |k| k <= key.b }.sort, db.keys(..key), key.b[0, 5].inspect
      end
    end
  end

  def test_prefixes
    both do |db|
      ["a", "ab", "abc", "ac", "b", "\xFF\xFF".b].each { |key| db[key] = key }
      assert_equal %w[ab abc], db.each_prefix("ab").map(&:first)
      assert_equal %w[ac abc], db.each_prefix("a", reverse: true, limit: 2).map(&:first)
      assert_equal ["\xFF\xFF".b], db.each_prefix("\xFF").map(&:first)
      assert_equal 6, db.each_prefix("").count
      assert_equal [], db.each_prefix("x").to_a
    end
  end

  def test_leaving_early_gives_the_iterator_back
    filled do |db|
      before = Shale.live_handles
      db.each { break }
      catch(:out) { db.range("a"..) { throw :out } }
      assert_raises(RuntimeError) { db.each_key { raise "no" } }
      assert_equal "a", db.each_key.first
      assert_equal before, Shale.live_handles
    end
  end

  def test_external_enumerators
    filled do |db|
      rows = db.each
      assert_equal [%w[a A], %w[b B]], [rows.next, rows.next]
      keys = db.each_key
      6.times { keys.next }
      assert_raises(StopIteration) { keys.next }
    end
    clean_stack
  end

  def test_many_rows_of_every_size
    seed = (ENV["SEED"] || Random.new_seed % 1_000_000).to_i
    random = Random.new(seed)
    rows = Array.new(500) { [random.bytes(random.rand(1..300)), random.bytes([0, 10, 5000, 400_000][random.rand(3.02)])] }.to_h
    both do |db|
      db.update(rows)
      assert_equal rows.sort, db.to_a, "SEED=#{seed}"
      assert_equal rows.keys.sort.reverse, db.keys(reverse: true), "SEED=#{seed}"
      from, to = rows.keys.sample(2, random: random).sort
      assert_equal rows.sort.select { |key, _| key >= from && key < to }, db.range(from...to).to_a, "SEED=#{seed}"
    end
  end

  def test_a_row_larger_than_the_buffer
    both do |db|
      db["big"] = "v" * 3_000_000
      db["small"] = "v"
      assert_equal [3_000_000, 1], db.map { |_, value| value.bytesize }
    end
  end

  def test_a_store_on_disk_is_seen_as_it_was
    on_disk do |db|
      db.update({ "a" => "1", "b" => "2" })
      seen = db.each.with_index.map do |(key, value), index|
        db.update({ "b" => "changed", "c" => "new" }) if index.zero?
        [key, value]
      end
      assert_equal [%w[a 1], %w[b 2]], seen
    end
  end

  def test_values_in_memory_are_what_they_are_when_their_row_is_reached
    Shale.memory(memory: MEMORY) do |db|
      db.update({ "a" => "1", "b" => "2", "c" => "3" })
      seen = db.each.with_index.map do |row, index|
        db.update({ "b" => "changed" }) && db.delete("c") if index.zero?
        row
      end
      assert_equal [%w[a 1], %w[b changed]], seen
    end
  end

  def test_cursor
    filled do |db|
      token = db.cursor("b".., limit: 4) do |cursor|
        assert_equal [%w[b B], %w[c C]], [cursor.next, cursor.next]
        cursor.token
      end
      db.resume(token) { |cursor| assert_equal [%w[d D], %w[e E]], cursor.to_a }
      assert_equal %w[f e], db.cursor(reverse: true, keys_only: true, limit: 2, &:to_a)
      token = db.cursor(prefix: "", keys_only: true) { |cursor| cursor.next && cursor.token }
      assert_equal "b", db.resume(token, keys_only: true, &:next)
      assert_raises(Shale::InvalidError) { db.resume("not a token") }
    end
  end

  def test_a_token_is_good_after_the_store_was_closed
    token = on_disk { |db| db.update({ "a" => "1", "b" => "2" }) && db.cursor { |c| c.next && c.token } }
    on_disk { |db| db.resume(token) { |cursor| assert_equal [%w[b 2]], cursor.to_a } }
  end

  def test_cursor_after_its_end
    filled do |db|
      cursor = db.cursor("f"..)
      refute cursor.closed?
      assert_equal %w[f F], cursor.next
      assert_nil cursor.next
      assert_nil cursor.next
      2.times { assert_nil cursor.close }
      assert cursor.closed?
      assert_raises(Shale::ClosedError) { cursor.next }
      assert_raises(Shale::ClosedError) { cursor.token }
    end
  end
end
