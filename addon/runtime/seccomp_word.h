// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace tsc {

using FilterProgram = std::vector<sock_filter>;

// Where a filter stands once it has done with one word: it answers, or looks at another one.
struct FilterOutcome {
  bool is_answer;
  std::uint32_t value;  // the answer, or the instruction's index
  bool operator==(const FilterOutcome&) const = default;
};

struct FilterRange {
  std::uint32_t first;
  FilterOutcome outcome;
};

inline bool IsGoto(const sock_filter& step) { return step.code == (BPF_JMP | BPF_JA); }
inline bool IsTest(const sock_filter& step) { return BPF_CLASS(step.code) == BPF_JMP && !IsGoto(step) && BPF_SRC(step.code) == BPF_K; }

// Follows the program for one architecture and all values of the word that it loads first: each test splits the range of those that come
// there. A word of which no bit is looked at is no word: libseccomp does that to the upper half of an int.
class SeccompWord {
 public:
  // From this instruction on.
  SeccompWord(const FilterProgram& program, std::uint32_t architecture, std::size_t from);

  // By value, those that end alike joined; nothing for a program that does anything unexpected.
  std::optional<std::vector<FilterRange>> Ranges() const;
  // The same for all values.
  std::optional<std::uint32_t> Answer() const;
  // Its offset in seccomp_data.
  std::uint32_t word() const { return word_.value_or(0); }
  // That the program knows.
  const std::set<std::uint32_t>& architectures() const { return architectures_; }

 private:
  struct Values {
    std::uint32_t first, last;
  };
  struct Loaded {
    enum { kNothing, kWord, kConstant, kArchitecture } kind = kNothing;
    std::uint32_t value = 0;  // the mask of the word, or the constant
    std::size_t at = 0;
  };

  void Follow(std::size_t at, Values values, Loaded loaded);
  bool Load(std::size_t at, Loaded* loaded);
  void Split(std::size_t at, Values values, const Loaded& loaded);
  void Found(Values values, FilterOutcome outcome);

  const FilterProgram& program_;
  std::uint32_t architecture_;
  std::size_t from_;
  std::optional<std::uint32_t> word_;
  std::map<std::uint32_t, FilterOutcome> found_;
  std::set<std::uint32_t> architectures_;
  bool understood_ = true;
};

}  // namespace tsc
