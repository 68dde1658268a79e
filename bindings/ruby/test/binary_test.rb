# frozen_string_literal: true

require_relative "test_helper"

# Every byte is a byte: nothing is text, nothing ends at a NUL.
class BinaryTest < ShaleTest
  KEYS = ["\0", "\0\0", "a\0b", "\xFF", "\xFF\xFF", "\x80\x00", "\n", "k" * 65_535, ("\0" * 65_534) + "\xFF"].map(&:b).freeze
  VALUES = ["", "\0", "\0" * 1000, "\xFF" * 5000, "v\0w", (0..255).to_a.pack("C*") * 300].map(&:b).freeze

  def test_keys_and_values_of_every_kind
    both do |db|
      KEYS.product(VALUES) do |key, value|
        db[key] = value
        reads = [db[key], db.get(key), db.values_at(key)[0], db.get_many([key])[key], db.range(key..key).first&.last,
                 db.each_prefix(key).first&.last, db.get_and_set(key, value)]
        assert reads.all?(value), "#{key.inspect[0, 20]} #{value.inspect[0, 20]}"
        assert_equal true, db.compare_and_set(key, value, value)
      end
      assert_equal KEYS.sort, db.keys
      db.batch { |b| KEYS.each { |key| b.delete(key) } }
      assert db.empty?
    end
  end

  def test_limits_of_a_key
    both do |db|
      calls = { get: [], store: ["v"], delete: [], incr: [], key?: [], values_at: [], ttl: [], expire: [1] }
      calls.each do |name, rest|
        assert_raises(Shale::InvalidError, name.to_s) { db.public_send(name, "", *rest) }
        error = assert_raises(Shale::Error, name.to_s) { db.public_send(name, "k" * 65_536, *rest) }
        assert_includes [Shale::Code::E_TOO_LARGE, Shale::Code::E_INVALID], error.code
      end
      assert_raises(Shale::Error) { db[""] = "v" }
      assert_raises(Shale::Error) { db.batch { |b| b[""] = "v" } }
    end
  end

  def test_values_of_16_mib
    value = Random.new(1).bytes(16 << 20)
    [->(&b) { Shale.memory(memory: "256MiB", &b) }, ->(&b) { on_disk(memory: "256MiB", &b) }].each do |opening|
      opening.call do |db|
        db["big"] = value
        assert db["big"] == value
        db.batch { |b| b["again"] = value }
        db.store("around", value, write_around: !db.path.nil?)
        assert_equal [true, true, true], db.values_at("big", "again", "around").map { |v| v == value }
        assert(db.each.all? { |_, v| v == value })
      end
    end
  end

  def test_text_in_any_encoding_is_its_bytes
    both do |db|
      db["\u00e9"] = "\u00fc"
      assert_equal "\xC3\xBC".b, db["\xC3\xA9".b]
      utf16 = "\u00e9".encode("UTF-16LE")
      db[utf16] = "16"
      assert_equal "16", db[utf16.b]
    end
  end

  def test_a_frozen_a_shared_and_a_sliced_string
    both do |db|
      long = ("0123456789" * 100).freeze
      db[long[990..]] = long[5, 700]
      assert_equal long[5, 700], db["0123456789"]
      key = +"key"
      value = +"value"
      db[key] = value
      key << "changed"
      value << "changed"
      assert_equal "value", db["key"]
    end
  end

  def test_random_bytes
    seed = (ENV["SEED"] || Random.new_seed % 1_000_000).to_i
    random = Random.new(seed)
    both do |db|
      model = {}
      2000.times do
        key = random.bytes(random.rand(1..4))
        case random.rand(5)
        when 0 then assert_equal !model.delete(key).nil?, db.delete(key), "SEED=#{seed}"
        when 1 then assert_equal model[key], db.get_and_set(key, model[key] = random.bytes(random.rand(200))), "SEED=#{seed}" if model[key]
        else db[key] = model[key] = random.bytes(random.rand(6000))
        end
        probe = model.keys.sample(random: random)
        assert_equal model[probe], db[probe], "SEED=#{seed}" if probe
      end
      assert_equal model.sort, db.to_a, "SEED=#{seed}"
    end
  end
end
