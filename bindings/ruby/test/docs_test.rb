# frozen_string_literal: true

require_relative "helper"

class DocsTest < ExorefTest
  def test_everything_public_is_documented
    out, status = Dir.mktmpdir do |folder|
      Open3.capture2e("yard", "stats", "--list-undoc", "--no-save", "--no-cache", "--db", "#{folder}/yardoc", chdir: File.dirname(LIB))
    end
    assert_predicate status, :success?, out
    assert_match(/100\.00% documented/, out)
    refute_match(/\[warn\]/, out)
  rescue Errno::ENOENT
    skip "there is no yard"
  end
end
