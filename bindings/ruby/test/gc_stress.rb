# frozen_string_literal: true

# Operations (GC_OPS, 2,000; the full proof is 10,000) with a collection at every allocation, and objects moved about in between.
# Each collection takes as long as there are objects: nothing is loaded that is not needed, such as "tmpdir".
require "shale"

OPERATIONS = Integer(ENV["GC_OPS"] || 2_000)

def operations(db, n)
  key = "key#{n % 50}"
  value = "value#{n}" * (n % 40)
  db[key] = value
  raise "get" unless db[key] == value && db.get(key) == value
  raise "get_into" unless db.get_into(key, +"") == value
  raise "values_at" unless db.values_at("missing", key) == [nil, value]
  raise "get_and_set" unless db.get_and_set(key, "x") == value
  raise "compare" unless db.compare_and_set(key, "x", value) == true
  raise "incr" unless db.incr("n") == n + 1
  raise "each" unless db.range(key..key).to_a == [[key, value]]
  db.batch { |b| (b["batch"] = value) && b.delete("nothing") }
  raise "fetch" unless db.fetch("missing", :none) == :none
  begin
    db.incr(key)
    raise "no error" unless value.empty?
  rescue Shale::NotANumberError => e
    raise "error" unless e.code == Shale::Code::E_NOT_A_NUMBER
  end
  return 13 unless (n % 10).zero?

  db.delete(key)
  raise "load" unless db.fetch_or_load(key) { value } == value
  raise "load many" unless db.load_many([key, "many#{n}"]) { [nil] } == { key => value, "many#{n}" => nil }
  return 15 unless (n % 50).zero?

  db.snapshot do |snapshot|
    raise "snapshot" unless snapshot[key] == value && snapshot.values_at(key, "none") == [value, nil]
    raise "rows of a snapshot" unless snapshot.range(key..key).to_a == [[key, value]]
  end
  raise "range" unless db.estimate_range(key..key).keys == 1 && db.delete_range("many"..."many:").equal?(db)
  20
end

dir = File.join(ENV["TMPDIR"] || "/tmp", "shale-gc-stress-#{Process.pid}")
Dir.mkdir(dir)
begin
  stores = [Shale.memory(memory: "16MiB"), Shale.open(dir, memory: "16MiB")]
  counts = [0, 0]
  done = 0
  moved = 0
  while done < OPERATIONS
    which = counts.sum.odd? ? 1 : 0
    GC.stress = true
    done += operations(stores[which], counts[which])
    GC.stress = false
    counts[which] += 1
    (GC.compact && moved += 1) if (counts.sum % 20).zero?
  end
  GC.verify_compaction_references(toward: :empty, double_heap: true)
  raise "damaged" unless stores.each_with_index.all? { |db, i| db["n"] == counts[i].to_s }
  stores.each(&:close)
  stores.clear
  puts "ok #{done} operations under GC.stress, #{moved} times GC.compact"
ensure
  system("rm", "-rf", dir)
end
GC.start
left = Shale.live_handles
puts "#{left.zero? ? 'ok' : 'FAIL'} no handle is left after GC.stress#{": #{left}" unless left.zero?}"
exit left.zero?
