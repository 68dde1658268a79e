# frozen_string_literal: true

require "stringio"
require_relative "test_helper"

# Backups to directories and streams, incremental ones, and what is made of them.
class BackupTest < ShaleTest
  def setup
    super
    @db = on_disk
    2000.times { |i| @db["key#{i}"] = "value #{i}" }
  end

  def teardown
    @db.close
    super
  end

  def at(name)
    File.join(@dir, name)
  end

  def assert_rows(rows, store)
    Shale.open(store, memory: MEMORY) { |db| assert_equal rows, db.count_range.keys }
  end

  def test_backups_to_directories
    calls = []
    full = @db.backup(at("full")) { |done, total| calls << [done, total] }
    assert(!calls.empty? && calls.all? { |done, total| done.between?(0, total) })
    assert_equal full["bytes"], full.values_at("written_bytes", "linked_bytes", "same_bytes").sum
    @db["more"] = ""
    following = @db.backup(at("next"), base: at("full"), copy_files: true)
    assert_equal 0, following["linked_bytes"]
    assert_operator following["same_bytes"], :>, 0
    assert_equal following["bytes"], Shale.restore(at("next"), at("back")) { true }["bytes"]
    assert_rows 2000, at("full")
    assert_rows 2001, at("back")
  end

  def test_what_backups_refuse
    @db.backup(at("full"))
    assert_raises(Shale::ExistsError) { @db.backup(at("full")) }
    assert_raises(Shale::ExistsError) { Shale.restore(at("full"), path) }
    assert_raises(Shale::CancelledError) { @db.backup(at("none")) { false } }
    assert_raises(Shale::CancelledError) { Shale.restore(at("full"), at("none")) { false } }
    assert_raises(IndexError) { @db.backup(at("none")) { raise IndexError } }
    assert_equal :thrown, (catch(:out) { @db.backup(at("none")) { throw :out, :thrown } })
    assert_raises(Shale::NoStoreError) { @db.backup(at("none"), base: @dir) }
    assert_raises(Shale::NoStoreError) { Shale.restore(@dir, at("none")) }
    [1, nil].each { |wrong| assert_raises(TypeError) { @db.backup(wrong) } }
    assert_raises(TypeError) { @db.backup(at("none"), base: 1) }
    assert_raises(ArgumentError) { @db.backup("a\0b") }
    Shale.memory(memory: MEMORY) { |db| assert_raises(Shale::InvalidError) { db.backup(at("none")) } }
    [1, nil, "text"].each do |wrong|
      assert_raises(TypeError) { @db.backup_to(wrong) }
      assert_raises(TypeError) { Shale.restore_from(wrong, at("none")) }
    end
    refute File.exist?(at("none"))
    @db.close
    assert_raises(Shale::ClosedError) { @db.backup(at("none")) }
    assert_raises(Shale::ClosedError) { @db.backup_to(StringIO.new) }
  end

  def test_backups_to_streams
    stream = StringIO.new("".b)
    sent = @db.backup_to(stream) { |done, total| done <= total }
    assert_equal sent["bytes"], sent["written_bytes"]
    bytes = stream.string
    Shale.restore_from(StringIO.new(bytes), at("first")) { |done, total| done == total }

    @db["more"] = ""
    @db.flush
    File.open(at("stream"), "w+b") do |file|
      assert_operator @db.backup_to(file, base: at("first"))["same_bytes"], :>, 0
      file.rewind
      assert_raises(Shale::InvalidError) { Shale.restore_from(file, at("second")) }
      file.rewind
      Shale.restore_from(file, at("second"), base: at("first"))
    end
    assert_rows 2000, at("first")
    assert_rows 2001, at("second")

    [bytes[0...-1], bytes + "more" * 100_000, ""].each do |wrong|
      assert_raises(Shale::CorruptionError) { Shale.restore_from(StringIO.new(wrong), at("none")) }
    end
    refute File.exist?(at("none"))
  end

  def test_through_a_process
    @db.backup_to(::IO.popen(["cat"], "r+b").tap { |cat| @cat = cat; @back = Thread.new { cat.read } })
    @cat.close_write
    Shale.restore_from(StringIO.new(@back.value), at("back"))
    @cat.close
    assert_rows 2000, at("back")
  end

  # A stream that breaks after some bytes.
  class Broken
    def initialize(left)
      @left = left
    end

    def write(bytes)
      (@left -= bytes.bytesize).negative? ? raise(IndexError, "broken") : bytes.bytesize
    end

    def read(_size, buffer = +"")
      raise IndexError, "broken" if (@left -= 1).negative?

      buffer.replace("S")
    end
    alias readpartial read
  end

  # A stream of which nothing ever comes.
  class Silent
    def read(*)
      sleep
    end
    alias readpartial read
  end

  def test_streams_that_break
    [0, 100_000].each { |left| assert_raises(IndexError) { @db.backup_to(Broken.new(left)) } }
    [0, 3].each { |left| assert_raises(IndexError) { Shale.restore_from(Broken.new(left), at("none")) } }
    assert_raises(Shale::CancelledError) { @db.backup_to(StringIO.new) { false } }
    assert_raises(IndexError) { @db.backup_to(StringIO.new) { raise IndexError } }
    assert_equal(7, [1].each { break leave_by_break })
    # Refused before anything was read: nobody waits for what does not come.
    before = Thread.list.size
    assert_raises(Shale::ExistsError) { Shale.restore_from(Silent.new, path) }
    assert_equal before, Thread.list.size
    refute File.exist?(at("none"))
  end

  def leave_by_break
    @db.backup_to(StringIO.new) { break 7 }
  end
end
