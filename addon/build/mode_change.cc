// SPDX-License-Identifier: Apache-2.0
#include "build/mode_change.h"

#include <algorithm>

namespace tsc {
namespace {

constexpr mode_t kUser = 04700, kGroup = 02070, kOther = 01007, kAll = 07777;
constexpr mode_t kRead = 0444, kWrite = 0222, kExecute = 0111, kSetId = 06000, kSticky = 01000;

// The permissions that one of three has, for all three.
mode_t Spread(mode_t mode, char from) {
  const mode_t three = from == 'u' ? mode >> 6 : from == 'g' ? mode >> 3 : mode;
  return (three & 07) * 0111;
}

}  // namespace

Result<ModeChange> ModeChange::Parse(const std::string& text) {
  ModeChange change;
  const auto fail = Fail("read mode", EINVAL, text);
  if (text.empty()) return fail;
  if (text.find_first_not_of("01234567") == std::string::npos) {
    if (text.size() > 5) return fail;
    change.absolute_ = true;
    change.value_ = static_cast<mode_t>(std::stoul(text, nullptr, 8));
    if (change.value_ > kAll) return fail;
    return change;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    if (!ParseClause(text.substr(begin, end - begin), change)) return fail;
    begin = end + 1;
  }
  return change;
}

bool ModeChange::ParseClause(const std::string& text, ModeChange& change) {
  std::size_t at = 0;
  mode_t who = 0;
  for (; at < text.size() && text.find_first_of("ugoa", at) == at; ++at)
    who |= text[at] == 'u' ? kUser : text[at] == 'g' ? kGroup : text[at] == 'o' ? kOther : kAll;
  if (at == text.size()) return false;
  while (at < text.size()) {
    Clause clause;
    clause.who = who == 0 ? kAll : who;
    clause.operation = text[at];
    if (text.find_first_of("+-=", at) != at) return false;
    for (++at; at < text.size() && text.find_first_of("+-=", at) != at; ++at) {
      const char c = text[at];
      if (c == 'r')
        clause.bits |= kRead;
      else if (c == 'w')
        clause.bits |= kWrite;
      else if (c == 'x')
        clause.bits |= kExecute;
      else if (c == 's')
        clause.bits |= kSetId;
      else if (c == 't')
        clause.bits |= kSticky;
      else if (c == 'X')
        clause.executable = true;
      else if (c == 'u' || c == 'g' || c == 'o')
        clause.copy_from = c;
      else
        return false;
    }
    change.clauses_.push_back(clause);
  }
  return true;
}

mode_t ModeChange::Apply(mode_t mode, bool directory) const {
  if (absolute_) return value_;
  for (const auto& clause : clauses_) {
    mode_t bits = clause.bits;
    if (clause.executable && (directory || (mode & kExecute) != 0)) bits |= kExecute;
    if (clause.copy_from != 0) bits |= Spread(mode, clause.copy_from);
    bits &= clause.who;
    if (clause.operation == '+') mode |= bits;
    if (clause.operation == '-') mode &= ~bits;
    if (clause.operation == '=') mode = (mode & ~clause.who) | bits;
  }
  return mode & kAll;
}

}  // namespace tsc
