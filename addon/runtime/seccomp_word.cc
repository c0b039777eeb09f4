// SPDX-License-Identifier: Apache-2.0
#include "runtime/seccomp_word.h"

#include <linux/seccomp.h>

#include <algorithm>

namespace tsc {
namespace {

bool IsLoad(const sock_filter& step) { return step.code == (BPF_LD | BPF_W | BPF_ABS); }
bool IsMask(const sock_filter& step) { return step.code == (BPF_ALU | BPF_AND | BPF_K); }

// Ones, then zeros: numbers that are alike under it are a range.
bool IsPrefix(std::uint32_t mask) { return (~mask & (~mask + 1)) == 0; }

bool Holds(const sock_filter& test, std::uint32_t value) {
  if (BPF_OP(test.code) == BPF_JEQ) return value == test.k;
  return BPF_OP(test.code) == BPF_JGT ? value > test.k : value >= test.k;
}

bool IsComparison(const sock_filter& step) {
  const auto op = BPF_OP(step.code);
  return op == BPF_JEQ || op == BPF_JGT || op == BPF_JGE;
}

}  // namespace

SeccompWord::SeccompWord(const FilterProgram& program, std::uint32_t architecture, std::size_t from)
    : program_(program), architecture_(architecture), from_(from) {
  Follow(from, {0, 0xffffffff}, {});
}

std::optional<std::vector<FilterRange>> SeccompWord::Ranges() const {
  if (!understood_ || !word_) return {};
  std::vector<FilterRange> ranges;
  for (const auto& [first, outcome] : found_)
    if (ranges.empty() || ranges.back().outcome != outcome) ranges.push_back({first, outcome});
  return ranges;
}

std::optional<std::uint32_t> SeccompWord::Answer() const {
  if (!understood_ || found_.empty()) return {};
  const FilterOutcome& first = found_.begin()->second;
  for (const auto& [value, outcome] : found_)
    if (!outcome.is_answer || outcome != first) return {};
  return first.value;
}

void SeccompWord::Follow(std::size_t at, Values values, Loaded loaded) {
  for (; understood_ && at < program_.size(); ++at) {
    const sock_filter& step = program_[at];
    if (step.code == (BPF_RET | BPF_K)) return Found(values, {true, step.k});
    if (IsLoad(step)) {
      if (!Load(at, &loaded)) return Found(values, {false, static_cast<std::uint32_t>(at)});
    } else if (IsMask(step) && loaded.kind == Loaded::kWord) {
      loaded.value &= step.k;
      if (!IsPrefix(loaded.value)) return Found(values, {false, static_cast<std::uint32_t>(loaded.at)});
    } else if (IsMask(step) && loaded.kind == Loaded::kConstant) {
      loaded.value &= step.k;
    } else if (IsGoto(step)) {
      at += step.k;
    } else if (!IsTest(step) || !IsComparison(step)) {
      break;
    } else if (loaded.kind == Loaded::kWord) {
      return Split(at, values, loaded);
    } else if (loaded.kind != Loaded::kNothing) {
      if (loaded.kind == Loaded::kArchitecture) architectures_.insert(step.k);
      at += Holds(step, loaded.value) ? step.jt : step.jf;
    } else {
      break;
    }
  }
  understood_ = false;
}

// False: it is another word.
bool SeccompWord::Load(std::size_t at, Loaded* loaded) {
  const std::uint32_t word = program_[at].k;
  if (word == offsetof(seccomp_data, arch)) {
    *loaded = {Loaded::kArchitecture, architecture_, at};
  } else if (at + 1 < program_.size() && IsMask(program_[at + 1]) && program_[at + 1].k == 0) {
    *loaded = {Loaded::kConstant, 0, at};
  } else {
    if (word_ && *word_ != word) return false;
    word_ = word;
    *loaded = {Loaded::kWord, 0xffffffff, at};
  }
  return true;
}

// At most three parts: below, those for which the test holds, above.
void SeccompWord::Split(std::size_t at, Values values, const Loaded& loaded) {
  const sock_filter& step = program_[at];
  const auto op = BPF_OP(step.code);
  if (loaded.value != 0xffffffff && op != BPF_JEQ) {
    understood_ = false;
    return;
  }
  if ((step.k & ~loaded.value) != 0) return Follow(at + 1 + step.jf, values, loaded);
  const std::uint64_t from = op == BPF_JGT ? std::uint64_t{step.k} + 1 : step.k;
  const std::uint64_t to = op == BPF_JEQ ? step.k | ~loaded.value : 0xffffffff;
  const auto part = [&](std::uint64_t first, std::uint64_t last, std::uint8_t jump) {
    first = std::max<std::uint64_t>(first, values.first);
    last = std::min<std::uint64_t>(last, values.last);
    if (first > last) return;
    Follow(at + 1 + jump, {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)}, loaded);
  };
  if (from > 0) part(0, from - 1, step.jf);
  part(from, to, step.jt);
  part(to + 1, 0xffffffff, step.jf);
}

// Where it stands as it stood at first there is nothing that was found out.
void SeccompWord::Found(Values values, FilterOutcome outcome) {
  if (!outcome.is_answer && outcome.value <= from_) understood_ = false;
  found_[values.first] = outcome;
}

}  // namespace tsc
