# frozen_string_literal: true

# A list of jobs that is worked off once, whatever happens in between. Kill it as often as you like (kill -9
# too): no job is lost, none is counted twice, and it goes on where it was.
#
#   ruby job_counter.rb data add 1000    # puts 1000 jobs on the list
#   ruby job_counter.rb data work        # does them, and prints how many are done
#   ruby job_counter.rb data show        # says where it stands
#
# Install the gem first, or run it from the source tree: make ruby, then
#   ruby -Ibindings/ruby/lib -Ibuild/ruby/lib examples/ruby/job_counter.rb data add 1000
require "digest"
require "shale"

# Jobs lie under "todo:" and "done:", and the number of the done ones under "count".
class Jobs
  def initialize(db)
    @db = db
  end

  # New jobs get the next numbers; the keys sort like them.
  def add(number)
    last = @db.incr("jobs", number)
    first = last - number + 1
    @db.update((first..last).to_h { |job| [format("todo:%09d", job), "data of job #{job}"] })
  end

  # Works until nothing is left, and says the count after each job.
  def work
    while (todo, data = @db.each_prefix("todo:").first)
      finish(todo, Digest::SHA256.hexdigest(data))
      yield count
    end
  end

  def count
    @db.fetch("count", "0").to_i
  end

  def left
    @db.each_key(prefix: "todo:").count
  end

  private

  # One batch, so that a job is on the list or counted, never both and never neither.
  def finish(todo, result)
    @db.batch do |batch|
      batch.delete(todo)
      batch[todo.sub("todo:", "done:")] = result
      batch["count"] = (count + 1).to_s
    end
  end
end

if $PROGRAM_NAME == __FILE__
  path, command, number = ARGV
  known = path && %w[add work show].include?(command)
  abort "usage: job_counter.rb DIRECTORY add NUMBER | work | show" unless known
  $stdout.sync = true
  Shale.open(path, memory: "64MiB") do |db|
    jobs = Jobs.new(db)
    jobs.add(Integer(number)) if command == "add"
    jobs.work { |count| puts count } if command == "work"
    puts "#{jobs.count} done, #{jobs.left} to do" unless command == "work"
  end
end
