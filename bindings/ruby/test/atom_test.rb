# frozen_string_literal: true

require_relative "helper"

class AtomTest < ExorefTest
  def atom(initial = 0, **options) = Exoref::Atom.create(client, "k", initial, **options)

  def test_creating_opens_what_is_there
    assert_predicate atom(1), :created?
    again = Exoref::Atom.create_async(client, "k", 2).get
    refute_predicate again, :created?
    assert_equal 1, again.deref
    assert_equal 1, Exoref::Atom.open_async(client, "k").get.deref
    assert_equal "k", again.key
    assert_raises(Exoref::NotFoundError) { Exoref::Atom.open(client, "none") }
    assert_raises(ArgumentError) { Exoref::Atom.open(nil, "k") }
  end

  def test_reading_and_setting
    a = atom(0)
    assert_equal({ "x" => [1, nil, 2.5] }, a.reset({ "x" => [1, nil, 2.5] }))
    assert_equal({ "x" => [1, nil, 2.5] }, a.deref)
    assert_equal [{ "x" => [1, nil, 2.5] }, "s"], a.reset_vals("s")
    assert_equal %w[s t], a.reset_vals_async("t").get
    assert_equal "u", a.reset_async("u").get
    assert_equal "u", a.deref_async.get
  end

  def test_nil_and_false_are_values
    a = atom(nil)
    assert_nil a.deref
    assert_equal false, a.swap { |old| old.nil? ? false : :wrong }
    assert a.compare_and_set(false, nil)
  end

  def test_compare_and_set_answers
    a = atom({ "b" => 1, "a" => 2 })
    refute a.compare_and_set({ "a" => 2 }, 1)
    assert a.compare_and_set({ "a" => 2, "b" => 1 }, 1), "equal values are equal bytes, whatever the order"
    assert_equal [false, 1], a.compare_and_set(9, 2) { |*both| both }
    assert_equal [true, 2], a.compare_and_set_async(1, 2) { |*both| both }.get
    refute a.compare_and_set_async(1, 2).get
    refute a.compare_and_set(2.0, 3), "1 and 1.0 are two values"
  end

  def test_compare_and_set_at_is_free_of_aba
    a = atom(1).versioned
    state = a.deref
    a.reset(2)
    a.reset(1)
    refute a.compare_and_set_at(state, 3)
    assert a.compare_and_set_at_async(a.deref, 3).get
    assert_raises(ArgumentError) { a.compare_and_set_at(3, 4) }
  end

  def test_a_versioned_handle_gives_values
    plain = atom([1])
    versioned = plain.versioned
    value = versioned.deref
    assert_equal [[1], "[1]", 1, "json"], [value.decode, value.bytes, value.version, value.codec]
    assert value.same_state?(versioned.deref)
    assert_equal value, versioned.deref
    assert_equal 1, [value, versioned.deref].uniq.size
    newer = versioned.swap { |old| old.decode + [old.version] }
    assert_equal [1, 1], newer.decode
    refute newer.same_state?(value)
    assert_equal [[1, 1], 2], versioned.compare_and_set([9], [1]) { |_, standing| [standing.decode, standing.version] }
    assert_equal [1, 1], plain.deref
  end

  def test_codecs
    a = Exoref::Atom.create(client, "s", "é", codec: :string)
    assert_equal "é", a.deref
    error = assert_raises(Exoref::CodecError) { Exoref::Atom.open(client, "s") }
    assert_match(/json.*string|string.*json/, error.message)
    bytes = Exoref::Atom.open(client, "s", codec: :bytes)
    assert_equal "é".b, bytes.deref
    assert_raises(Exoref::CodecError) { bytes.reset("x") }
    raw = Exoref::Atom.create(client, "b", "\xff\0".b, codec: :bytes)
    assert_equal "\xff\0".b, raw.deref
    assert_equal Encoding::BINARY, raw.deref.encoding
    error = assert_raises(Exoref::DecodeError) { Exoref::Atom.open(client, "b", codec: :json).deref }
    assert_equal "\xff\0".b, error.bytes
  end

  def test_a_codec_of_ones_own
    marshal = Object.new
    def marshal.label = "marshal"
    def marshal.encode(object) = Marshal.dump(object)
    def marshal.decode(bytes) = Marshal.load(bytes) # rubocop:disable Security/MarshalLoad
    a = Exoref::Atom.create(client, "m", 1..3, codec: marshal)
    assert_equal 1..4, a.swap { |range| range.begin..(range.end + 1) }
    assert_equal "marshal", client.info("m").codec
    assert_same marshal, open_client(codec: marshal).codec
  end

  def test_metadata
    a = atom
    assert_equal "", a.meta
    a.reset_meta("é")
    assert_equal "é", a.meta_async.get
    assert_equal "é!", a.alter_meta { |old| "#{old}!" }
    assert_equal "é!?", a.alter_meta_async { |old| "#{old}?" }.get
    assert_nil a.reset_meta_async("x").get
    assert_equal "x", a.alter_meta { Exoref::DECLINE }
    assert_raises(Exoref::EncodeError) { a.reset_meta(1) }
    assert_raises(RuntimeError) { a.alter_meta { raise "no" } }
    assert_equal ["x", 1], [a.meta, a.versioned.deref.version]
  end

  def test_metadata_is_altered_by_many_at_once
    a = atom
    a.reset_meta("0")
    threads = Array.new(4) { Thread.new { 25.times { a.alter_meta { |old| (Integer(old) + 1).to_s } } } }
    threads.each(&:join)
    assert_equal "100", a.meta
  end

  def test_validators_judge_objects_before_anything_is_sent
    a = atom(1, validator: ->(n) { n.is_a?(Integer) && n.positive? })
    assert_raises(Exoref::ValidationError) { a.reset(-1) }
    assert_raises(Exoref::ValidationError) { a.compare_and_set(5, -1) }
    assert_raises(Exoref::ValidationError) { a.swap(&:-@) }
    assert_raises(Exoref::ValidationError) { a.swap_async(&:-@).get }
    error = assert_raises(Exoref::ValidationError) { a.reset_async(-1).get }
    assert_match(/could not reset atom 'k' on .*: the validator refused the value/, error.message)
    assert_equal [:EVALIDATION, "k"], [error.status, error.key]
    assert_equal 1, a.deref
    assert_raises(Exoref::ValidationError) { Exoref::Atom.create(client, "new", 0, validator: :positive?.to_proc) }
    assert_raises(Exoref::NotFoundError) { client.info("new") }
  end

  def test_what_a_validator_raises_comes_out
    a = atom(1)
    a.set_validator { |n| n < 5 || raise(KeyError, "too much") }
    assert_equal "too much", assert_raises(KeyError) { a.reset(9) }.message
    assert_raises(KeyError) { a.swap { 9 } }
    assert_equal 1, a.deref
    a.set_validator
    assert_equal 9, a.reset(9)
    assert_raises(Exoref::ValidationError) { a.set_validator(->(n) { n < 5 }) }
    assert_equal 10, a.reset(10)
  end

  def test_a_released_handle_says_so
    a = atom(1)
    other = a.versioned
    2.times { a.release }
    [a, other].each do |released|
      assert_match(/released/, assert_raises(Exoref::ClosedError) { released.deref }.message)
    end
    assert_equal "#<Exoref::Atom released>", a.inspect
  end
end
