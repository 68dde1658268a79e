# frozen_string_literal: true

# Many operations (OPS, 200,000; the full proof is 1,000,000) in 8 threads, on a store in memory and one on disk, while garbage is
# collected in the usual way: nothing crashes, no handle is left, and over the last nine tenths the process
# does not grow by a MiB. Before that as many operations on disk fill the store's own memory, up to its
# budget. run_tests gives this process one malloc arena: with one a thread, a leak is lost in what the arenas
# keep.
require "fiddle"
require "shale"
require "tmpdir"

THREADS = 8
OPERATIONS = Integer(ENV["OPS"] || 200_000) * 6 / 5
seed = (ENV["SEED"] || Random.new_seed % 1_000_000).to_i

TRIM = Fiddle::Function.new(Fiddle.dlopen(nil)["malloc_trim"], [Fiddle::TYPE_SIZE_T], Fiddle::TYPE_INT)

# What is in use, without what the allocator could give back.
def rss_bytes
  GC.start
  TRIM.call(0)
  File.read("/proc/self/status")[/^RssAnon:\s+(\d+)/, 1].to_i * 1024
end

def operate(db, random, value)
  key = "key#{random.rand(500)}"
  case random.rand(16)
  when 0..6 then db[key]
  when 7..9 then db[key] = value
  when 10 then db.values_at(key, "key1", "nothing")
  when 11 then db.delete(key, check: false)
  when 12 then db.incr("counter#{random.rand(10)}")
  when 13 then db.get_and_set(key, value)
  when 14 then db.compare_and_set(key, "no", value) || db.ttl(key)
  else rare(db, random, key, value)
  end
  1
rescue Shale::NotANumberError
  1
end

def rare(db, random, key, value)
  case random.rand(200)
  when 0 then db.each_prefix("key1", limit: 20) { |_| nil }
  when 1 then db.batch { |b| b.store(key, value, ttl: 1) }
  when 2 then db.stats
  when 4..30 then load(db, random, key, value)
  when 3 then db.incr(key)
  else db.key?(key)
  end
end

# A value, none, or an error of the block.
def load(db, random, key, value)
  case random.rand(4)
  when 0 then db.fetch_or_load(key) { raise IndexError }
  when 1 then db.fetch_or_load(key, missing_ttl: 0.001) { nil }
  when 2 then db.load_many([key, "key1"], ttl: 1) { |missing| missing.map { value } }
  else db.fetch_or_load(key) { value }
  end
rescue IndexError
  nil
end

def run(stores, count, seed)
  value = "v" * 300
  Array.new(THREADS) do |t|
    Thread.new do
      random = Random.new(seed + t)
      done = 0
      done += operate(stores[(done / 64) % 8 == 0 ? 1 : 0], random, value) while done < count / THREADS
    end
  end.each(&:join)
end

grown = nil
Dir.mktmpdir("shale") do |dir|
  stores = [Shale.memory(memory: "8MiB"), Shale.open(dir, memory: "16MiB")]
  run(stores.last(1) * 2, OPERATIONS, seed + 200)
  run(stores.first(1) * 2, OPERATIONS / 4, seed + 300)
  run(stores, OPERATIONS / 10, seed)
  before = rss_bytes
  run(stores, OPERATIONS * 9 / 10, seed + 100)
  grown = rss_bytes - before
  stores.each(&:close)
end
GC.start
left = Shale.live_handles
what = "#{OPERATIONS} operations in #{THREADS} threads (SEED=#{seed})"
puts "#{left.zero? ? 'ok' : 'FAIL'} no handle is left after #{what}#{": #{left}" unless left.zero?}"
puts "#{grown < (1 << 20) ? 'ok' : 'FAIL'} grown by #{grown / 1024} KiB over the last 90 % of #{what}"
exit left.zero? && grown < (1 << 20)
