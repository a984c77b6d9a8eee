# frozen_string_literal: true

require_relative "helper"

# The RBS file and the classes say the same, method by method.
class SignaturesTest < ExorefTest
  SIG = File.expand_path("../sig", __dir__)
  # What is public in Ruby alone: for the other classes of the library.
  INNER = {
    "Error" => %i[self.of self.kind_of self.quoted], "Value" => %i[low], "Client" => %i[hub self.closer],
    "Reference" => %i[versioned? low attempted proposed read read_old], "Delay" => %i[body_wanted refuse_own_body],
    "Change" => %i[followed_by],
    "Lease" => %i[low], "Info" => %i[self.of], "Future" => %i[self.of self.failed settle], "Codec" => %i[self.utf8 self.a]
  }.freeze

  # By the name of each class or module: its methods, those of the class itself with "self." before them.
  def signed
    methods = Hash.new { |hash, name| hash[name] = [] }
    scope = []
    File.readlines(File.join(SIG, "exoref.rbs")).each do |line|
      case line
      when /^\s*(?:class|module) (\w+)/ then scope << $1
      when /^\s*interface/ then scope << nil
      when /^\s*end$/ then scope.pop
      when /^\s*def ([^:\s]+(?<!:)):/, /^\s*attr_(?:reader|accessor) (\w+):/
        methods[scope.drop(1).join("::")] << $1.to_sym if scope.last
      end
    end
    methods
  end

  def defined_in(klass)
    own = klass.is_a?(Class) ? klass.public_instance_methods(false) : []
    setters = klass.is_a?(Class) && klass < Struct ? /=\z|\Amembers\z/ : /(?!)/
    singleton = klass.singleton_methods(false).map { |name| :"self.#{name}" }
    own.grep_v(setters) + (klass.is_a?(Class) && klass < Struct ? [] : singleton)
  end

  def test_the_methods_are_the_same
    compared = 0
    signed.each do |name, methods|
      klass = name.empty? ? Exoref : Exoref.const_get(name)
      expected = methods.uniq - %i[initialize] + (INNER[name] || [])
      assert_equal expected.sort, defined_in(klass).sort, name
      compared += methods.size
    end
    assert_operator compared, :>, 120
  end

  def test_every_public_class_is_signed
    public_classes = Exoref.constants.select { |name| Exoref.const_get(name).is_a?(Module) }
    source = File.read(File.join(SIG, "exoref.rbs"))
    public_classes.each { |name| assert_match(/^  (class|module) #{name}\b/, source) }
  end

  def test_rbs_finds_it_valid
    begin
      require "rbs"
    rescue LoadError
      skip "there is no rbs"
    end
    loader = RBS::EnvironmentLoader.new
    loader.add(path: Pathname(SIG))
    environment = RBS::Environment.from_loader(loader).resolve_type_names
    builder = RBS::DefinitionBuilder.new(env: environment)
    own = environment.class_decls.keys.select { |name| name.to_s.start_with?("::Exoref") }
    own.each do |name|
      builder.build_instance(name)
      builder.build_singleton(name)
    end
    assert_operator own.size, :>, 40
    assert_arguments_alike(builder)
  end

  # What each method takes: the same keywords, and as many places.
  def assert_arguments_alike(builder)
    checked = 0
    %w[Client Atom Promise Delay Lease Swap Future Scan].each do |class_name|
      klass = Exoref.const_get(class_name)
      definition = builder.build_instance(RBS::TypeName.new(name: class_name.to_sym, namespace: RBS::Namespace.parse("::Exoref")))
      klass.public_instance_methods(false).each do |name|
        next unless (method = definition.methods[name]) && method.defs.any? { |one| one.implemented_in&.name == class_name.to_sym }

        type = method.method_types.first.type
        parameters = klass.instance_method(name).parameters
        keywords = parameters.select { |kind, _| %i[key keyreq].include?(kind) }.map(&:last)
        assert_equal keywords.sort, (type.optional_keywords.keys + type.required_keywords.keys).sort, "#{class_name}##{name}"
        places = parameters.count { |kind, _| %i[req opt].include?(kind) }
        assert_equal places, type.required_positionals.size + type.optional_positionals.size, "#{class_name}##{name}"
        checked += 1
      end
    end
    assert_operator checked, :>, 60
  end
end
