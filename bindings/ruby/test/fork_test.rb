# frozen_string_literal: true

require_relative "test_helper"

class ForkTest < ShaleTest
  # Runs the block in a child; its result, which must be a String, comes back.
  def in_child
    reader, writer = IO.pipe
    pid = fork do
      reader.close
      writer.write(yield)
      writer.close
      exit!(0)
    end
    writer.close
    answer = reader.read
    Process.wait(pid)
    assert_predicate $?, :success?
    answer
  end

  def error_of
    yield
    "no error"
  rescue Shale::Error => e
    e.class.name
  end

  def test_the_child_gets_an_error_and_the_parent_goes_on
    both do |db|
      db.update({ "k" => "v", "l" => "w" })
      cursor = db.cursor
      calls = [-> { db["k"] }, -> { db["k"] = "x" }, -> { db.key?("k") }, -> { db.incr("n") }, -> { db.to_a }, -> { db.values_at("k") },
               -> { db.batch { |b| b["k"] = "x" } }, -> { db.flush }, -> { db.sync }, -> { cursor.next }, -> { db.store("k", "x", sync: true) }]
      answers = in_child { calls.map { |call| error_of(&call) }.uniq.join(",") }
      assert_equal "Shale::ForkedError", answers
      assert_equal "v", db["k"]
      assert_equal %w[k v], cursor.next
      cursor.close
    end
  end

  def test_a_child_that_ends_in_the_usual_way_harms_nobody
    # Ruby frees the child's copies of the parent's handles.
    assert system(*ruby, "-e", <<~RUBY, path)
      db = Shale.open(ARGV[0], memory: "16MiB")
      db["k"] = "v"
      cursor = db.cursor
      pid = fork { exit }
      Process.wait(pid)
      ok = $?.success? && db["k"] == "v" && cursor.next == %w[k v]
      db["l"] = "w"
      db.close
      Shale.open(ARGV[0], memory: "16MiB") { |again| ok &&= again.count == 2 }
      exit ok
    RUBY
  end

  def test_a_child_opens_for_itself_what_the_parent_has_closed
    on_disk { |db| db["k"] = "v" }
    answer = in_child { on_disk { |db| (db["child"] = "1") && db["k"] } }
    assert_equal "v", answer
    on_disk { |db| assert_equal "1", db["child"] }
  end

  def test_a_fork_while_other_threads_are_inside
    on_disk do |db|
      stop = false
      threads = Array.new(3) { |t| Thread.new { db.store("k#{t}", "v", sync: true) until stop } }
      10.times { assert_equal "Shale::ForkedError", in_child { error_of { db["k0"] } } }
      stop = true
      threads.each(&:join)
      assert_equal 3, db.count
    end
  end

  def test_ruby_goes_on_after_a_fork_with_a_database_closed_in_the_child
    both do |db|
      db["k"] = "v"
      assert_equal "Shale::ForkedError", in_child { error_of { db.close } }
      assert_equal "v", db["k"]
    end
  end
end
