# frozen_string_literal: true

# What a call costs from Ruby, beside the same call from C in the same run: rounds of both alternate; printed are medians and, for
# machines on which others work too, the least.
#   ruby calls.rb C_CALLS [ROUNDS]
# Keys of 16 bytes, values of 100, in memory. The cost of the loop around the calls is measured with an empty block over the
# same keys, printed, and taken off.
require "shale"

KEYS = 10_000
CALLS = 100_000
GROUP = 100
BIG = 65_536

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond).to_f
def median(numbers) = numbers.sort[numbers.size / 2]

# The keys in the order that the program in C takes them.
def visits(names, calls)
  Array.new(calls) { |i| names[i * 7919 % names.size] }
end

def per_call(visits)
  start = now
  visits.each { |key| yield key }
  (now - start) / visits.size
end

c_calls = ARGV.fetch(0)
rounds = Integer(ARGV[1] || 15)
db = Shale.memory(memory: "512MiB")
names = Array.new(KEYS) { |i| format("key%013d", i).freeze }
names.each { |name| db[name] = "v" * 100 }
bigs = Array.new(64) { |i| format("big%013d", i).freeze }
bigs.each { |name| db[name] = "v" * BIG }
value = ("v" * 100).freeze
keys = visits(names, CALLS)
groups = Array.new(CALLS / GROUP) { |i| keys[i * GROUP, GROUP] }
big_keys = visits(bigs, 20_000)

took = Hash.new { |hash, name| hash[name] = [] }
(rounds + 1).times do |round|
  GC.start
  sample = {
    "ruby loop" => per_call(keys) { |key| key },
    "ruby get" => per_call(keys) { |key| db[key] },
    "ruby put" => per_call(keys) { |key| db[key] = value },
    "ruby multi_get_100_per_key" => per_call(groups) { |group| db.values_at(*group) } / GROUP,
    "ruby get_64k" => per_call(big_keys) { |key| db[key] }
  }
  IO.popen([c_calls, KEYS.to_s, "100", "1"], err: File::NULL, &:readlines).each do |line|
    name, nanoseconds = line.split
    sample["C #{name}"] = Float(nanoseconds)
  end
  sample.each { |name, nanoseconds| took[name] << nanoseconds } if round.positive? # round 0 warms up
end
db.close

empty = { median: median(took["ruby loop"]), least: took["ruby loop"].min }
printf("ruby %s, %d rounds, nanoseconds; empty loop %.1f, least %.1f (taken off below)\n", RUBY_VERSION, rounds,
       empty[:median], empty[:least])
printf("%-24s %9s %9s %9s %7s   %38s\n", "median of rounds", "C", "ruby", "above C", "ratio",
       "least: C, ruby, above C, ratio")
%w[get put multi_get_100_per_key get_64k].each do |name|
  in_c = { median: median(took["C #{name}"]), least: took["C #{name}"].min }
  in_ruby = { median: median(took["ruby #{name}"]), least: took["ruby #{name}"].min }
  printf("%-24s", name)
  %i[median least].each do |kind|
    net = in_ruby[kind] - (name.start_with?("multi") ? 0 : empty[kind])
    printf(" %9.1f %9.1f %+9.1f %6.2fx  ", in_c[kind], net, net - in_c[kind], net / in_c[kind])
  end
  puts
end
