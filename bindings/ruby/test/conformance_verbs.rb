# frozen_string_literal: true

# The verbs of the conformance suite, said in Ruby. Each returns [status, *results]; rows are the last result
# of a scan.
class Store
  include WholeVerbs

  OPEN = { "memory.budget" => "16MiB" }.freeze
  WORDS = { never: :never, keep: :keep, default: :default }.freeze

  def initialize(path, options)
    @path = path
    @options = options
    @variables = {}
    @cursors = {}
    @snapshots = {}
    open_db({})
  end

  def open_db(more)
    @db = Shale::DB.new(@path, options: OPEN.merge(@options, more))
  end

  def free
    @cursors.each_value { |cursor, _| cursor.close }
    @db&.close
    @snapshots.each_value(&:close)
  end

  def check(operation)
    got = status_of { send("do_#{operation.verb.to_s.tr('-', '_')}", operation, *operation.args.map { |a| known(a) }) }
    differ(operation.status, got[0]) unless got[0] == operation.status
    got_rows = got.pop if got.last.is_a?(Rows)
    compare_rows(operation.rows, got_rows.list) if got_rows
    compare(operation.results.dup, got.drop(1)) unless operation.results.empty?
  end

  private

  Rows = Struct.new(:list)

  def differ(expected, got)
    raise Difference, "expected #{expected.inspect[0, 80]}, got #{got.inspect[0, 80]}"
  end

  # Runs a call; what it raises is its status.
  def status_of
    yield
  rescue Shale::Error => e
    [e.code_name.to_sym]
  end

  def known(token)
    token.is_a?(Variable) ? @variables.fetch(token.name) : token
  end

  def compare(expected, got)
    until expected.empty?
      token = expected.shift
      value = got.shift
      case token
      when :"at-most" then differ("at most #{expected[0]}", value) unless (1..known(expected.shift)).cover?(value)
      when :above then differ("above #{expected[0]}", value) unless value > known(expected.shift)
      when Variable
        differ(@variables[token.name], value) if @variables.key?(token.name) && @variables[token.name] != value
        @variables[token.name] = value
      when :nil then differ(nil, value) unless value.nil?
      else differ(token, value) unless token == value
      end
    end
    differ("no more", got) unless got.empty?
  end

  def compare_rows(expected, got)
    differ("#{expected.size} rows", got) unless expected.size == got.size
    expected.zip(got) { |tokens, row| differ(tokens, row) unless tokens.map { |t| known(t) } == Array(row) }
  end

  # nil or false of a call that says so when its condition is not met.
  def unless_ok(value, otherwise)
    value ? [:OK] : [otherwise]
  end

  def seconds(milliseconds)
    return WORDS.fetch(milliseconds) if milliseconds.is_a?(Symbol)
    return milliseconds if milliseconds.nil?

    Rational(milliseconds, 1000)
  end

  def ttl(operation)
    operation.named.key?("ttl") ? { ttl: seconds(known(operation.named["ttl"])) } : {}
  end

  def pick(operation, *names)
    operation.flags.slice(*names)
  end

  def read_choice(operation)
    pick(operation, :cache_only).merge(operation.flags[:no_fill] ? { fill: false } : {})
  end

  # ---- one key ----

  def do_put(operation, key, value)
    choice = pick(operation, :if_absent, :if_present, :sync, :write_around).merge(ttl(operation))
    return [:OK] if choice.empty? && (@db[key] = value)

    version = @db.put(key, value, **choice)
    unless_ok(version, choice[:if_absent] ? :EXISTS : :NOT_FOUND)
  end

  def do_get(operation, key)
    choice = read_choice(operation)
    value = @db.get(key, **choice)
    return [:NOT_FOUND] if value.nil?

    forms = choice.empty? ? [@db[key], @db.fetch(key), @db.values_at(key)[0], @db.get_many([key])[key]] : []
    forms.each { |form| differ(value, form) unless form == value }
    [:OK, value]
  end

  def do_exists(operation, key)
    return unless_ok(@db.key?(key), :NOT_FOUND) unless operation.flags[:cache_only]

    cached = @db.cached?(key)
    cached.nil? ? [:WOULD_BLOCK] : unless_ok(cached, :NOT_FOUND)
  end

  def do_ttl(operation, key)
    left = @db.ttl(key, **pick(operation, :cache_only))
    return [:NOT_FOUND] if left.nil?

    left == Float::INFINITY ? %i[OK never] : [:OK, (left * 1000).round]
  end

  def do_version_of(_operation, key)
    value = @db.version(key)
    value ? [:OK, value] : [:NOT_FOUND]
  end

  def do_delete(operation, key)
    deleted = @db.delete(key, check: operation.flags.key?(:if_present), **pick(operation, :sync))
    unless_ok(deleted, :NOT_FOUND)
  end

  def do_get_and_set(operation, key, value)
    old = @db.get_and_set(key, value, **ttl(operation), **pick(operation, :sync))
    old.nil? ? [:NOT_FOUND] : [:OK, old]
  end

  def three(outcome)
    [{ true => :OK, false => :MISMATCH, nil => :NOT_FOUND }.fetch(outcome)]
  end

  def do_compare_and_set(operation, key, expected, value)
    three(@db.compare_and_set(key, expected, value, **ttl(operation), **pick(operation, :sync)))
  end

  def do_compare_version_and_set(operation, key, expected, value)
    expected = 0 if expected == :absent
    unless_ok(@db.compare_version_and_set(key, expected, value, **ttl(operation), **pick(operation, :sync)), :MISMATCH)
  end

  def do_compare_and_delete(operation, key, expected)
    three(@db.compare_and_delete(key, expected, **pick(operation, :sync)))
  end

  def do_compare_version_and_delete(operation, key, expected)
    three(@db.compare_version_and_delete(key, expected == :absent ? 0 : expected, **pick(operation, :sync)))
  end

  def do_incr(operation, key, by)
    [:OK, @db.incr(key, by, **pick(operation, :sync))]
  end

  def do_decr(operation, key, by)
    [:OK, @db.decr(key, by, **pick(operation, :sync))]
  end

  def do_expire(operation, key, milliseconds)
    unless_ok(@db.expire(key, seconds(milliseconds), **pick(operation, :sync)), :NOT_FOUND)
  end

  def do_persist(operation, key)
    unless_ok(@db.persist(key, **pick(operation, :sync)), :NOT_FOUND)
  end

  # ---- many keys ----

  def do_multi_get(operation, *keys)
    choice = read_choice(operation)
    found = @db.get_many(keys, **choice)
    values = keys.map { |key| found.fetch(key, :"would-block") }
    differ(values, @db.values_at(*keys)) if choice.empty? && @db.values_at(*keys) != values
    [:OK, *values]
  end

  def do_multi_put(operation, *pairs)
    @db.update(Hash[*pairs], **ttl(operation), **pick(operation, :sync, :write_around))
    [:OK]
  end

  def do_multi_delete(operation, *keys)
    @db.delete_many(keys, **pick(operation, :sync))
    [:OK]
  end

  def do_batch(operation)
    @db.batch(**pick(operation, :sync)) do |batch|
      operation.rows.each do |verb, key, value, named|
        next batch.delete(known(key)) if verb == :delete

        named ? batch.store(known(key), known(value), ttl: seconds(known(named["ttl"]))) : batch[known(key)] = known(value)
      end
    end
    [:OK]
  end

  # ---- rows ----

  def bounds(operation)
    named = operation.named.transform_values { |token| known(token) }
    within = (named["from"]...named["to"]) if named.key?("from") || named.key?("to")
    { within: within, prefix: named["prefix"], limit: named["limit"]&.nonzero?, reverse: operation.flags.key?(:reverse),
      keys_only: operation.flags.key?(:keys_only) }
  end

  def cursor(operation, from = @db)
    choice = bounds(operation)
    from.cursor(choice.delete(:within), **choice)
  end

  def do_scan(operation, from = @db)
    choice = bounds(operation)
    within = choice.delete(:within)
    list = cursor(operation, from).then { |c| c.to_a.tap { c.close } }
    keys_only = choice.delete(:keys_only)
    again = if keys_only then from.each_key(within, **choice).to_a
            elsif choice[:prefix] then from.each_prefix(choice.delete(:prefix), **choice.slice(:limit, :reverse)).to_a
            else from.range(within, **choice.slice(:limit, :reverse)).to_a
            end
    differ(list, again) unless list == again
    [:OK, Rows.new(list)]
  end

  def do_iter(operation, name)
    @cursors[name] = cursor(operation)
    [:OK]
  end

  def do_next(_operation, name)
    row = @cursors.fetch(name).next
    row.nil? ? [:END] : [:OK, *row]
  end

  def do_rows(_operation, name)
    [:OK, Rows.new(@cursors.fetch(name).to_a)]
  end

  def do_token(_operation, name)
    [:OK, @cursors.fetch(name).token]
  end

  def do_resume(operation, name, token)
    @cursors[name] = @db.resume(token, **pick(operation, :keys_only))
    [:OK]
  end

  def do_free(_operation, name)
    @cursors.delete(name).close
    [:OK]
  end

  # ---- loading ----

  def load_choice(operation)
    named = operation.named.transform_values { |token| known(token) }
    choice = pick(operation, :stale, :sync, :write_around).merge(ttl(operation))
    { "wait" => :wait, "hold" => :hold, "missing" => :missing_ttl }.each do |name, key|
      choice[key] = seconds(named[name]) if named.key?(name)
    end
    choice
  end

  # What a loader brings: bytes, nil, or its own error.
  def made(what)
    raise Shale::CancelledError, "the loader failed" if what == :fail

    what == :nil ? nil : what
  end

  # The rows are what happens while the key is loaded.
  def do_load(operation, key, what)
    loads = 0
    value = @db.fetch_or_load(key, **load_choice(operation)) do
      loads += 1
      operation.rows.each { |verb, k, v| verb == :delete ? @db.delete(known(k), check: false) : @db.store(known(k), known(v)) }
      made(what)
    end
    value.nil? ? [:NOT_FOUND, loads] : [:OK, value, loads]
  rescue Shale::Error => e
    [e.code_name.to_sym, loads]
  end

  def do_multi_load(operation, *pairs)
    loads = 0
    loadable = Hash[*pairs]
    values = @db.load_many(loadable.keys, **load_choice(operation)) do |missing|
      loads += missing.size
      missing.map { |key| made(loadable[key]) }
    end
    [:OK, *loadable.keys.map { |key| values[key] }, loads]
  rescue Shale::Error => e
    [e.code_name.to_sym, loads]
  end

  # ---- the store ----

  def do_set_option(_operation, name, value)
    @db.set_option(name, value)
    [:OK]
  end

  def do_prometheus(_operation, name)
    line = @db.prometheus.lines.find { |text| text.start_with?("#{name} ") }
    line ? [:OK, line.split[1].to_i] : [:NOT_FOUND]
  end

  def do_removals(_operation)
    rows = []
    until (some = @db.poll_removals).empty?
      rows.concat(some.map { |removal| [removal.key, removal.reason.to_s] })
    end
    [:OK, Rows.new(rows)]
  end

  def do_reclaim(_operation)
    @db.reclaim
    [:OK]
  end

  def do_verify(_operation)
    calls = 0
    report = Shale.verify(@path) { |done, total| (calls += 1) && done <= total }
    good = report["problems"].zero? && report["file_count"] == report["files"].size
    differ("a report that agrees with itself", report) unless calls.positive? && good == report["good"]
    [:OK, report["problems"]]
  end

  def do_salvage(_operation)
    saved = "#{@path}.saved"
    report = Shale.salvage(@path, saved)
    differ("a store in #{saved}", nil) unless Shale.destroy(saved)
    [:OK, *report.values_at("recovered", "suspicious", "dropped")]
  end

  def do_flush(_operation)
    @db.flush
    [:OK]
  end

  def do_sync(_operation)
    @db.sync
    [:OK]
  end

  def do_stat(_operation, name)
    value = @db.stat(name)
    return [:NOT_FOUND] if value.nil?

    differ(value, @db.stats[name.to_s]) unless @db.stats.key?(name.to_s)
    [:OK, value]
  end

  def do_option(_operation, name)
    value = @db.option(name)
    value.nil? ? [:NOT_FOUND] : [:OK, value]
  end

  def do_shard_state(_operation, shard)
    [:OK, @db.shard_state(shard) == :open ? 0 : 1]
  end

  def do_close(_operation)
    @db.close
    [:OK]
  end

  def do_reopen(operation)
    @db&.close
    @db = nil
    open_db(operation.named.transform_values { |token| known(token) })
    [:OK]
  end

  def do_open_again(_operation)
    Shale::DB.new(@path, options: OPEN.merge(@options)).close
    [:OK]
  end

  def do_destroy(_operation)
    unless_ok(Shale.destroy(@path), :NOT_FOUND)
  end

  def do_sleep_ms(_operation, milliseconds)
    sleep(milliseconds / 1000.0)
    [:OK]
  end
end
