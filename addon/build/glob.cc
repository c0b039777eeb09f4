// SPDX-License-Identifier: Apache-2.0
#include "build/glob.h"

#include <algorithm>

namespace tsc {
namespace {

Failure Malformed(std::string_view pattern) { return Fail("read pattern", EINVAL, std::string(pattern)); }

unsigned Byte(char c) { return static_cast<unsigned char>(c); }

// One character of a class, which a backslash may protect. Empty at the end of the pattern.
std::string_view TakeClassByte(std::string_view& rest) {
  if (rest.starts_with('\\')) rest.remove_prefix(1);
  if (rest.empty()) return {};
  const auto byte = rest.substr(0, 1);
  rest.remove_prefix(1);
  return byte;
}

// `rest` begins behind the bracket and then behind the one that closes it.
bool ParseClass(std::string_view& rest, std::bitset<256>& set) {
  const bool negated = rest.starts_with('^') || rest.starts_with('!');
  if (negated) rest.remove_prefix(1);
  for (bool first = true; first || !rest.starts_with(']'); first = false) {
    const auto low = TakeClassByte(rest);
    auto high = low;
    if (rest.starts_with('-') && rest.size() > 1 && rest[1] != ']') {
      rest.remove_prefix(1);
      high = TakeClassByte(rest);
    }
    if (low.empty() || high.empty() || Byte(high[0]) < Byte(low[0])) return false;
    for (unsigned byte = Byte(low[0]); byte <= Byte(high[0]); ++byte) set.set(byte);
  }
  rest.remove_prefix(1);
  if (negated) set.flip();
  set.reset('/');
  return true;
}

}  // namespace

Result<Glob> Glob::Parse(std::string_view pattern) {
  Glob glob;
  for (auto rest = pattern; !rest.empty();) {
    const char c = rest[0];
    rest.remove_prefix(1);
    Token token{Kind::kLiteral, c};
    if (c == '*' && rest.starts_with('*')) {
      token.kind = Kind::kDirectories;
      while (rest.starts_with('*')) rest.remove_prefix(1);
      if (rest.starts_with('/')) rest.remove_prefix(1);
    } else if (c == '*') {
      token.kind = Kind::kStar;
    } else if (c == '?') {
      token.kind = Kind::kOne;
    } else if (c == '[') {
      token.kind = Kind::kClass;
      if (!ParseClass(rest, token.set)) return Malformed(pattern);
    } else if (c == '\\') {
      if (rest.empty()) return Malformed(pattern);
      token.literal = rest[0];
      rest.remove_prefix(1);
    }
    glob.tokens_.push_back(token);
  }
  const auto wild = [](const Token& token) { return token.kind != Kind::kLiteral; };
  const auto first = std::find_if(glob.tokens_.begin(), glob.tokens_.end(), wild);
  for (auto at = glob.tokens_.begin(); at != first; ++at) glob.prefix_ += at->literal;
  const auto last = std::find_if(glob.tokens_.rbegin(), glob.tokens_.rend(), wild).base();
  for (auto at = last; at != glob.tokens_.end(); ++at) glob.suffix_ += at->literal;
  return glob;
}

// `*` may stand for nothing, and so may `**`: unless it is the last, when it is what is left.
void Glob::Enter(States& states, std::size_t at) const {
  for (; !states.at[at]; ++at) {
    states.at[at] = true;
    if (at == tokens_.size()) return;
    if (tokens_[at].kind == Kind::kDirectories) {
      states.inside[at] = true;
    } else if (tokens_[at].kind != Kind::kStar) {
      return;
    }
  }
}

Glob::States Glob::Step(const States& states, char byte) const {
  States next{std::vector<bool>(tokens_.size() + 1), std::vector<bool>(tokens_.size() + 1)};
  for (std::size_t at = 0; at < tokens_.size(); ++at) {
    if (states.inside[at]) {
      next.inside[at] = true;
      if (at + 1 == tokens_.size() || byte == '/') Enter(next, at + 1);
    }
    if (!states.at[at]) continue;
    const Token& token = tokens_[at];
    if (token.kind == Kind::kStar && byte != '/') Enter(next, at);
    const bool takes = token.kind == Kind::kLiteral ? token.literal == byte
                       : token.kind == Kind::kOne   ? byte != '/'
                                                    : token.kind == Kind::kClass && token.set.test(Byte(byte));
    if (takes) Enter(next, at + 1);
  }
  return next;
}

Glob::States Glob::Read(std::string_view path) const {
  States states{std::vector<bool>(tokens_.size() + 1), std::vector<bool>(tokens_.size() + 1)};
  Enter(states, 0);
  for (const char byte : path) states = Step(states, byte);
  return states;
}

bool Glob::Matches(std::string_view path) const {
  if (is_literal()) return path == prefix_;
  if (!path.starts_with(prefix_) || !path.ends_with(suffix_)) return false;
  return Read(path).at[tokens_.size()];
}

bool Glob::MayMatchBelow(std::string_view directory) const {
  const auto shorter = std::min(prefix_.size(), directory.size());
  if (directory.substr(0, shorter) != std::string_view(prefix_).substr(0, shorter)) return false;
  const auto states = Step(Read(directory), '/');
  const auto any = [](const std::vector<bool>& bits) { return std::find(bits.begin(), bits.end(), true) != bits.end(); };
  return any(states.at) || any(states.inside);
}

}  // namespace tsc
