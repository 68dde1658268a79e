# frozen_string_literal: true

# Kills the job counter again and again, as hard as possible, and looks what is left.
require "shale"
require "tmpdir"

JOBS = 400
PROGRAM = File.expand_path("job_counter.rb", __dir__)
RUBY = [RbConfig.ruby, *$LOAD_PATH.flat_map { |dir| ["-I", dir] }, PROGRAM].freeze

def must(held, what)
  return if held

  puts "FAIL examples/ruby/job_counter: #{what}"
  exit 1
end

# Every job is in one place, and the counter says how many are done; and that is no less than the worker has
# said.
def look(path, said)
  Shale.open(path, memory: "64MiB") do |db|
    todo = db.keys(prefix: "todo:").map { |key| key.delete_prefix("todo:") }
    done = db.keys(prefix: "done:").map { |key| key.delete_prefix("done:") }
    must((todo + done).sort == Array.new(JOBS) { |i| format("%09d", i + 1) }, "jobs are lost or doubled")
    must(db["count"].to_i == done.size, "the counter is #{db['count'].inspect}, #{done.size} jobs are done")
    must(done.size >= said, "the worker said #{said}, #{done.size} are there")
    done.size
  end
end

Dir.mktmpdir("shale") do |dir|
  path = File.join(dir, "data")
  must(`#{[*RUBY, path, 'add', JOBS.to_s].join(' ')}` == "0 done, #{JOBS} to do\n", "add")
  kills = 0
  done = 0
  while done < JOBS
    worker = IO.popen([*RUBY, path, "work"])
    said = 0
    rand(40..120).times { (line = worker.gets) ? said = line.to_i : break }
    ended = worker.eof? if said == JOBS
    Process.kill(:KILL, worker.pid) && kills += 1 unless ended
    rest = worker.read.lines
    said = rest.last.to_i if rest.last&.end_with?("\n")
    worker.close
    done = look(path, said)
  end
  must(kills >= 2, "it was killed #{kills} times only")
  must(`#{[*RUBY, path, 'show'].join(' ')}` == "#{JOBS} done, 0 to do\n", "show")
  puts "ok examples/ruby/job_counter: #{JOBS} jobs counted once each, over #{kills} times kill -9"
end
