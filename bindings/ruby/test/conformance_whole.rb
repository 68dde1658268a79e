# frozen_string_literal: true

require "stringio"

# Verbs of the conformance suite on ranges of keys and on the store as a whole; part of Store.
module WholeVerbs
  private

  # ---- ranges ----

  # Arguments of a call on a range.
  def ranged(operation)
    named = operation.named.transform_values { |token| known(token) }
    return [nil, { prefix: named["prefix"] }] if named.key?("prefix")

    [named["from"]...named["to"], {}]
  end

  def do_delete_range(operation)
    within, choice = ranged(operation)
    @db.delete_range(within, **choice, **pick(operation, :sync))
    [:OK]
  end

  def do_count(operation)
    within, choice = ranged(operation)
    [:OK, *@db.count_range(within, **choice) { |done, total| done.between?(0, total) }]
  end

  def do_estimate(operation)
    within, choice = ranged(operation)
    [:OK, *@db.estimate_range(within, **choice)]
  end

  def do_compact(operation)
    within, choice = ranged(operation)
    @db.compact_range(within, **choice)
    [:OK]
  end

  # ---- snapshots ----

  def do_snapshot(_operation, name)
    @snapshots[name] = @db.snapshot
    [:OK]
  end

  def do_snapshot_get(_operation, name, key)
    snapshot = @snapshots.fetch(name)
    value = snapshot[key]
    return [:NOT_FOUND] if value.nil?

    forms = [snapshot.get(key), snapshot.get_with_version(key)[0], snapshot.values_at(key)[0], snapshot.fetch(key)]
    forms.each { |form| differ(value, form) unless form == value }
    [:OK, value]
  end

  def do_snapshot_multi_get(_operation, name, *keys)
    [:OK, *@snapshots.fetch(name).values_at(*keys)]
  end

  def do_snapshot_scan(operation, name)
    do_scan(operation, @snapshots.fetch(name))
  end

  def do_snapshot_iter(operation, name, iter)
    @cursors[iter] = cursor(operation, @snapshots.fetch(name))
    [:OK]
  end

  def do_snapshot_resume(operation, name, iter, token)
    @cursors[iter] = @snapshots.fetch(name).resume(token, **pick(operation, :keys_only))
    [:OK]
  end

  def do_snapshot_free(_operation, name)
    @snapshots.delete(name).close
    [:OK]
  end

  # ---- backups, which leave nothing behind ----

  # How many keys the store in that directory has, which is removed then.
  def keys_of(path)
    [:OK, Shale.open(path, options: Store::OPEN) { |db| db.count_range.keys }]
  ensure
    Shale.destroy(path)
  end

  def do_backup(_operation)
    first, second, back = %w[first second back].map { |name| "#{@path}.#{name}" }
    calls = 0
    report = @db.backup(first) { |done, total| (calls += 1) && done <= total }
    differ("a report and calls", report) unless calls.positive? && report["files"].positive?
    @db.backup(second, base: first, copy_files: true)
    Shale.restore(second, back)
    [first, second].each { |path| differ("a store in #{path}", nil) unless Shale.destroy(path) }
    keys_of(back)
  end

  def do_backup_stream(_operation)
    stream = StringIO.new("".b)
    @db.backup_to(stream)
    stream.rewind
    Shale.restore_from(stream, "#{@path}.back")
    keys_of("#{@path}.back")
  end
end
