# frozen_string_literal: true

require_relative "lib/exoref/version"

# Built by `run package`, in a folder that has the generated source of the extension beside what is in the tree.
Gem::Specification.new do |spec|
  spec.name = "exoref"
  spec.version = Exoref::VERSION
  spec.summary = "Atoms, promises and delays shared between processes, machines and languages, through Redis"
  spec.description = "Clojure's reference types with the values kept on a Redis server: change an atom by a block, wait for a promise " \
                     "anywhere, compute a delay once among all processes. Needs libexoref with its header, which pkg-config finds."
  spec.authors = ["the exoref authors"]
  spec.licenses = ["Apache-2.0"]
  spec.required_ruby_version = ">= 3.1"
  spec.files = Dir["lib/**/*.rb", "ext/**/*.{c,h,rb}", "sig/**/*.rbs", "samples/*.rb", "README.md", "LICENSE", ".yardopts"]
  spec.extensions = ["ext/exoref/extconf.rb"]
  spec.require_paths = ["lib"]
  spec.metadata = { "rubygems_mfa_required" => "true" }
end
