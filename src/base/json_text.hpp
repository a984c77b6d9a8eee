// A JSON text as the parser is shown it, byte by byte, and what the parser does not tell: where it is, and how a number is
// written. Knows strings from what is outside of them, and else no grammar.
#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

namespace exo::base {

class JsonText {
public:
    explicit JsonText(std::string_view text) : text_(text) {}

    bool at_end() const { return at_ == text_.size(); }

    char shown() const {
        // To the parser a NUL is the end of all, and what follows would never be looked at. Any other byte that no token begins
        // with serves as well; within strings it knows better.
        return text_[at_] == '\0' && !in_string_ ? '\1' : text_[at_];
    }

    void advance() {
        const char c = text_[at_++];
        if (in_string_) {
            in_string_ = escaped_ || c != '"';
            escaped_ = !escaped_ && c == '\\';
            return;
        }
        in_string_ = c == '"';
        const bool digit = c >= '0' && c <= '9';
        if (in_number_) {
            in_number_ = digit || is_number_sign(c);
        } else if (digit || c == '-') {
            in_number_ = true;
            number_at_ = at_ - 1;
        }
        digits_ = digit ? digits_ + 1 : 0;
        if (digits_ == kShownDigits) hide_digits();
    }

    /// Where the byte stands that was shown last.
    std::size_t last() const { return at_ - 1; }
    /// Where the n-th byte stands that was shown, counted from 0, if no digits were hidden after it.
    std::size_t real_offset(std::size_t n) const { return n + hidden_; }

    /// The number that was shown last, all of it.
    std::string_view number() const {
        std::size_t end = number_at_;
        while (end < text_.size() && (is_digit(text_[end]) || is_number_sign(text_[end]))) ++end;
        return text_.substr(number_at_, end - number_at_);
    }
    std::size_t number_offset() const { return number_at_; }

private:
    /// The parser makes a double of each number and refuses what is beyond, integers too. What we make of a number is made of
    /// its text, so no more digits in a row are shown than any double takes.
    static constexpr std::size_t kShownDigits = 300;

    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_number_sign(char c) { return c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'; }

    void hide_digits() {
        for (; !at_end() && is_digit(text_[at_]); ++at_) ++hidden_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t number_at_ = 0;
    std::size_t digits_ = 0;  ///< how many were shown in a row
    std::size_t hidden_ = 0;
    bool in_string_ = false;
    bool escaped_ = false;
    bool in_number_ = false;
};

/// The text as a range of the standard library's kind.
class JsonTextIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char *;
    using reference = char;

    JsonTextIterator() = default;  ///< the end
    explicit JsonTextIterator(JsonText &text) : text_(&text) {}

    char operator*() const { return text_->shown(); }
    JsonTextIterator &operator++() {
        text_->advance();
        return *this;
    }
    void operator++(int) { text_->advance(); }
    bool operator==(const JsonTextIterator &other) const { return at_end() == other.at_end(); }

private:
    bool at_end() const { return text_ == nullptr || text_->at_end(); }

    JsonText *text_ = nullptr;
};

}  // namespace exo::base
