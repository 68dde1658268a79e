# frozen_string_literal: true

# What a call costs from Ruby, beside the same call from C: keys of 16 bytes, values of 100, in memory. Prints samples for
# bindings/bench/report; a measure of Ruby stands between two of C, so that both meet the same machine.
#   ruby calls.rb C_CALLS [ROUNDS]
# The cost of the loop around the calls, an empty block over the same keys, is measured after each and taken off. What a
# method in C costs that does nothing, and one that makes a String of 100 bytes, stand in rows of their own.
require "shale"
require "floor"

KEYS = 10_000
GROUP = 100
BIG = 65_536

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond).to_f

# The keys in the order that the program in C takes them.
def visits(names, calls)
  Array.new(calls) { |i| names[i * 7919 % names.size] }
end

# Nanoseconds for each of the visits. The first round over them warms up.
def per_call(visits, &block)
  start = now
  visits.each(&block)
  start = now
  visits.each(&block)
  (now - start) / visits.size
end

c_calls = IO.popen([ARGV.fetch(0), KEYS.to_s, "100"], "r+", err: File::NULL)
ask_c = ->(name) { name && (c_calls.puts(name) || Float(c_calls.gets)) }
rounds = Integer(ARGV[1] || 151)
db = Shale.memory(memory: "512MiB")
names = Array.new(KEYS) { |i| format("key%013d", i).freeze }
names.each { |name| db[name] = "v" * 100 }
bigs = Array.new(64) { |i| format("big%013d", i).freeze }
bigs.each { |name| db[name] = "v" * BIG }
value = ("v" * 100).freeze
keys = visits(names, KEYS)
groups = Array.new(100) { |i| visits(names, KEYS).rotate(i * GROUP).first(GROUP) }
big_keys = visits(bigs, 500)
buffer = String.new(capacity: BIG)
floor = Floor.new

# Short values first and alone: what the collector does about long ones would be counted with them.
short = [
  ["a method that does nothing", nil, keys, ->(key) { floor.nothing(key) }],
  ["a method that makes a String", nil, keys, ->(key) { floor.new_string(key) }],
  ["[]", "get", keys, ->(key) { db[key] }],
  ["get_into", "get", keys, ->(key) { db.get_into(key, buffer) }],
  ["[] of one key", nil, Array.new(KEYS, names[0]), ->(key) { db[key] }],
  ["[]=", "put", keys.first(KEYS / 2), ->(key) { db[key] = value }],
  ["values_at of 100, a key", "multi_get_100_per_key", groups, ->(group) { db.values_at(*group) }]
]
long = [
  ["[] of 64 KiB", "get_64k", big_keys, ->(key) { db[key] }],
  ["get_into of 64 KiB", "get_64k", big_keys, ->(key) { db.get_into(key, buffer) }]
]
[short, long].product((0..rounds).to_a) do |measures, round|
  measures.each do |name, c_name, over, call|
    in_c = ask_c.call(c_name)
    took = per_call(over, &call)
    in_c = c_name ? ((in_c + ask_c.call(c_name)) / 2).round(1) : "-"
    took = over.equal?(groups) ? took / GROUP : took - per_call(over) { |key| key }
    puts [name, took.round(1), in_c].join("\t") if round.positive? # round 0 warms up
  end
end
c_calls.close
db.close
