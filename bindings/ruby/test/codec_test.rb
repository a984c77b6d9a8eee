# frozen_string_literal: true

require_relative "helper"
require "bigdecimal"
require "date"

class CodecTest < ExorefTest
  JSON = Exoref::Codec::JSON
  CASES = ::JSON.parse(File.read(File.expand_path("../../../tests/conformance/json_cases.json", __dir__))).fetch("cases")

  def text_of(given)
    case given
    when Hash then given.key?("base64") ? given["base64"].unpack1("m") : given.fetch("parts").map { |text, times| text * times }.join
    else given
    end
  end

  # Ruby's parser warns of doubles that are too small, and reads them as 0.
  def test_the_cases_that_all_languages_have
    capture_io { play_the_cases }
  end

  def play_the_cases
    encoded = 0
    refused = []
    CASES.each do |one|
      next if one["error"]

      input = text_of(one["input"])
      begin
        object = JSON.decode(input.dup)
      rescue Exoref::DecodeError
        refused << input
        next
      end
      assert_equal text_of(one["canonical"]).b, JSON.encode(object).b, "of #{input[0, 100].inspect}"
      encoded += 1
    end
    assert_operator encoded, :>, 50
    assert_empty refused
  end

  def test_what_is_no_json_is_refused_by_the_reader_or_the_writer
    wrong = CASES.select { |one| one["error"] }
    assert_operator wrong.size, :>, 20
    wrong.each do |one|
      input = text_of(one["input"])
      assert_raises(Exoref::InvalidError, input.inspect) { Exoref.json_canonical(input) }
    end
    ["\"\\ud800\"", "\"\\udc00x\"", "\"\xff\"", "[1,]", "NaN", "1 2", "", "\xEF\xBB\xBF1", "Infinity", "1e400", "-1e400", "/*c*/1",
     "1//c", '{"a":1,"a":2}', '"\q"'].each do |input|
      assert_raises(Exoref::DecodeError, input.inspect) { JSON.decode(input.dup) }
    end
  end

  def test_round_trips
    values = [nil, true, false, 0, -1, 2**63, -(2**200), 0.0, 1.0, 1e308, 5e-324, 1.5e-7, 0.1, 1e21, "", "\0", "é", "e\u0301",
              "\u{10ffff}", "\u2028\u007f\"\\/", [], {}, [[[]]], { "" => nil }, { "é" => [1, { "z" => "😀" }] }]
    values.each { |value| assert [value] == [JSON.decode(JSON.encode(value))], value.inspect }
    assert_equal(-Float::INFINITY, 1 / JSON.decode(JSON.encode(-0.0)))
    assert_equal %w[1 1.0], [JSON.encode(1), JSON.encode(1.0)]
    assert_kind_of Float, JSON.decode("1.0")
  end

  def test_all_of_unicode
    all = [*0..0xd7ff, *0xe000..0x10ffff].pack("U*")
    assert_equal all, JSON.decode(JSON.encode(all))
    assert_equal all, Exoref::Codec::STRING.decode(Exoref::Codec::STRING.encode(all).b)
  end

  def test_what_would_not_read_back_is_refused
    ["\xff", "\xED\xA0\x80", "\xff".b, "é".b, Float::NAN, Float::INFINITY, -Float::INFINITY, :symbol, Object.new, Time.at(0),
     Date.new(2020), 1r, BigDecimal("1.5"), 1..2, { 1 => 2 }, { nil => 1 }, { "\xff" => 1 }, [[Object.new]],
     { "a" => 1, a: 2 }].each do |object|
      error = assert_raises(Exoref::EncodeError, object.inspect) { JSON.encode(object) }
      assert_kind_of Exoref::FinalError, error
    end
  end

  def test_nesting
    deep = (1..512).reduce(1) { |inner, _| [inner] }
    assert_equal deep, JSON.decode(JSON.encode(deep))
    assert_match(/nested/, assert_raises(Exoref::EncodeError) { JSON.encode([deep]) }.message)
    itself = []
    itself << itself
    assert_raises(Exoref::EncodeError) { JSON.encode(itself) }
    assert_raises(Exoref::DecodeError) { JSON.decode("#{'[' * 513}#{']' * 513}") }
  end

  def test_symbols_as_keys
    assert_equal '{"a":1,"b":2}', JSON.encode({ b: 2, a: 1 })
    names = Exoref::Codec::JSONCodec.new(symbolize_names: true)
    assert_equal({ a: [{ b: 1 }] }, names.decode(names.encode({ a: [{ b: 1 }] })))
  end

  def test_what_writes_itself_in_another_way_is_written_as_what_it_is
    bent = [Hash, Array, String].map { |klass| Class.new(klass) { def to_json(*) = '"bent"' } }
    hash, array, string = bent.map(&:new)
    hash["a"] = array << string.concat("é")
    assert_equal '{"a":["é"]}', JSON.encode(hash)
    twice = {}.compare_by_identity
    2.times { |n| twice[+"a"] = n }
    assert_raises(Exoref::EncodeError) { JSON.encode(twice) }
  end

  def test_strings_of_other_encodings
    assert_equal '"é"', JSON.encode("é".encode("ISO-8859-1"))
    assert_equal '"é"', JSON.encode("é".encode("UTF-16LE"))
    assert_equal '"a"', JSON.encode("a".b)
    assert_equal "é", Exoref::Codec::STRING.encode("é".encode("UTF-16LE"))
    assert_raises(Exoref::EncodeError) { Exoref::Codec::STRING.encode("\xff") }
    assert_raises(Exoref::EncodeError) { Exoref::Codec::STRING.encode(1) }
    assert_raises(Exoref::DecodeError) { Exoref::Codec::STRING.decode("\xff".b) }
    assert_raises(Exoref::EncodeError) { Exoref::Codec::BYTES.encode(nil) }
  end

  def test_what_encoding_gets_is_left_as_it_was
    text = "é".b.freeze
    assert_raises(Exoref::EncodeError) { JSON.encode(text) }
    assert_equal Encoding::BINARY, text.encoding
    assert_equal "é".b, Exoref::Codec::BYTES.encode(text)
  end

  def test_values_of_any_size
    atom = Exoref::Atom.create(client, "k", "", codec: :bytes)
    ["", "\0", "x" * 65_536, Random.new(1).bytes(1 << 20)].each { |bytes| assert_equal bytes.b, atom.reset(bytes) }
    small = open_client(max_value_size: "1KiB")
    error = assert_raises(Exoref::FinalError) { Exoref::Atom.create(small, "other", "x" * 2000) }
    assert_equal :ETOOBIG, error.status
  end
end
