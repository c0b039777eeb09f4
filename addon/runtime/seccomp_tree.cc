// SPDX-License-Identifier: Apache-2.0
#include "runtime/seccomp_tree.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>

namespace tsc {
namespace {

using Program = std::vector<sock_filter>;

// Where the program stands once it has done with number and architecture: it answers, or looks at an argument.
struct Outcome {
  bool is_answer;
  std::uint32_t value;  // the answer, or the instruction's index
  bool operator==(const Outcome&) const = default;
};

struct Range {
  std::uint32_t first;
  Outcome outcome;
};

bool Loads(const sock_filter& step, std::size_t offset) { return step.code == (BPF_LD | BPF_W | BPF_ABS) && step.k == offset; }
bool IsGoto(const sock_filter& step) { return step.code == (BPF_JMP | BPF_JA); }
bool IsTest(const sock_filter& step) { return BPF_CLASS(step.code) == BPF_JMP && !IsGoto(step) && BPF_SRC(step.code) == BPF_K; }

// Follows the program for one architecture and all numbers at once: each test of the number splits the range of those that come there.
class Exploration {
 public:
  Exploration(const Program& program, std::uint32_t architecture) : program_(program), architecture_(architecture) {
    Follow(0, {0, 0xffffffff}, Value::kNone);
  }

  // By number, those that end alike joined; nothing for a program that does anything unexpected.
  std::optional<std::vector<Range>> Ranges() const {
    if (!understood_) return {};
    std::vector<Range> ranges;
    for (const auto& [first, outcome] : found_)
      if (ranges.empty() || ranges.back().outcome != outcome) ranges.push_back({first, outcome});
    return ranges;
  }
  const std::set<std::uint32_t>& architectures() const { return architectures_; }

 private:
  enum class Value { kNone, kNumber, kArchitecture };
  struct Numbers {
    std::uint32_t first, last;
  };

  void Follow(std::size_t at, Numbers numbers, Value loaded) {
    for (; understood_; ++at) {
      if (at >= program_.size()) break;
      const sock_filter& step = program_[at];
      if (step.code == (BPF_RET | BPF_K)) return Found(numbers, {true, step.k});
      if (Loads(step, offsetof(seccomp_data, nr))) {
        loaded = Value::kNumber;
      } else if (Loads(step, offsetof(seccomp_data, arch))) {
        loaded = Value::kArchitecture;
      } else if (BPF_CLASS(step.code) == BPF_LD) {
        return Found(numbers, {false, static_cast<std::uint32_t>(at)});
      } else if (IsGoto(step)) {
        at += step.k;
      } else if (IsTest(step) && loaded == Value::kArchitecture && BPF_OP(step.code) == BPF_JEQ) {
        architectures_.insert(step.k);
        at += architecture_ == step.k ? step.jt : step.jf;
      } else if (IsTest(step) && loaded == Value::kNumber) {
        return Split(at, numbers);
      } else {
        break;
      }
    }
    understood_ = false;
  }

  // At most three parts: below, those for which the test holds, above.
  void Split(std::size_t at, Numbers numbers) {
    const sock_filter& step = program_[at];
    const auto op = BPF_OP(step.code);
    if (op != BPF_JEQ && op != BPF_JGT && op != BPF_JGE) {
      understood_ = false;
      return;
    }
    const std::uint64_t from = op == BPF_JGT ? std::uint64_t{step.k} + 1 : step.k;
    const std::uint64_t to = op == BPF_JEQ ? step.k : 0xffffffff;
    const auto part = [&](std::uint64_t first, std::uint64_t last, std::uint8_t jump) {
      first = std::max<std::uint64_t>(first, numbers.first);
      last = std::min<std::uint64_t>(last, numbers.last);
      if (first > last) return;
      Follow(at + 1 + jump, {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)}, Value::kNumber);
    };
    if (from > 0) part(0, from - 1, step.jf);
    part(from, to, step.jt);
    part(to + 1, 0xffffffff, step.jf);
  }

  void Found(Numbers numbers, Outcome outcome) { found_[numbers.first] = outcome; }

  const Program& program_;
  std::uint32_t architecture_;
  std::map<std::uint32_t, Outcome> found_;
  std::set<std::uint32_t> architectures_;  // that the program knows
  bool understood_ = true;
};

// Instructions with jumps to labels, which become distances at the end. A label is an index of the old program, or a branch of the tree.
class Assembler {
 public:
  using Label = std::uint64_t;
  Label New() { return kBranches + branches_++; }
  void Place(Label label) { places_[label] = steps_.size(); }
  void Emit(std::uint16_t code, std::uint32_t k) { steps_.push_back({code, k, {}, {}}); }
  void Goto(Label to) { steps_.push_back({BPF_JMP | BPF_JA, 0, to, to}); }
  void Test(std::uint16_t code, std::uint32_t k, Label yes, Label no) { steps_.push_back({code, k, yes, no}); }

  // Nothing where a test would have to jump further than its eight bits reach.
  std::optional<Program> Finish() const {
    Program program;
    for (const Step& step : steps_) {
      const auto distance = [&](Label label) { return static_cast<std::uint32_t>(places_.at(label) - program.size() - 1); };
      sock_filter out{step.code, 0, 0, step.k};
      if (IsGoto(out)) {
        out.k = distance(*step.yes);
      } else if (step.yes) {
        if (distance(*step.yes) > 255 || distance(*step.no) > 255) return {};
        out.jt = static_cast<std::uint8_t>(distance(*step.yes));
        out.jf = static_cast<std::uint8_t>(distance(*step.no));
      }
      program.push_back(out);
    }
    return program;
  }

 private:
  static constexpr Label kBranches = 1ULL << 32;
  struct Step {
    std::uint16_t code;
    std::uint32_t k;
    std::optional<Label> yes, no;
  };
  std::vector<Step> steps_;
  std::map<Label, std::size_t> places_;
  Label branches_ = 0;
};

void EmitTree(Assembler* out, const Range* begin, const Range* end) {
  if (end - begin == 1) {
    if (begin->outcome.is_answer) return out->Emit(BPF_RET | BPF_K, begin->outcome.value);
    return out->Goto(begin->outcome.value);
  }
  const Range* middle = begin + (end - begin) / 2;
  const auto right = out->New(), left = out->New();
  out->Test(BPF_JMP | BPF_JGE | BPF_K, middle->first, right, left);
  out->Place(left);
  EmitTree(out, begin, middle);
  out->Place(right);
  EmitTree(out, middle, end);
}

void Reach(const Program& program, std::size_t at, std::set<std::size_t>* reached) {
  for (; at < program.size() && reached->insert(at).second; ++at) {
    const sock_filter& step = program[at];
    if (BPF_CLASS(step.code) == BPF_RET) return;
    if (IsGoto(step)) at += step.k;
    if (!IsTest(step)) continue;
    Reach(program, at + 1 + step.jt, reached);
    at += step.jf;
  }
}

// The argument checks, as they are and in their order.
void EmitRest(Assembler* out, const Program& program, const std::vector<Range>& ranges) {
  std::set<std::size_t> rest;
  for (const auto& range : ranges)
    if (!range.outcome.is_answer) Reach(program, range.outcome.value, &rest);
  for (const auto at : rest) {
    const sock_filter& step = program[at];
    out->Place(at);
    if (IsGoto(step))
      out->Goto(at + 1 + step.k);
    else if (IsTest(step))
      out->Test(step.code, step.k, at + 1 + step.jt, at + 1 + step.jf);
    else
      out->Emit(step.code, step.k);
  }
}

}  // namespace

std::optional<Program> BisectSyscalls(const Program& program, std::uint32_t architecture) {
  const Exploration native(program, architecture), foreign(program, ~architecture);
  const auto ranges = native.Ranges(), elsewhere = foreign.Ranges();
  const bool one_architecture = native.architectures() == std::set{architecture} && foreign.architectures() == std::set{architecture};
  if (!ranges || !elsewhere || !one_architecture || elsewhere->size() != 1 || !elsewhere->front().outcome.is_answer) return {};
  Assembler out;
  const auto known = out.New(), unknown = out.New();
  out.Emit(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  out.Test(BPF_JMP | BPF_JEQ | BPF_K, architecture, known, unknown);
  out.Place(unknown);
  out.Emit(BPF_RET | BPF_K, elsewhere->front().outcome.value);
  out.Place(known);
  out.Emit(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  EmitTree(&out, ranges->data(), ranges->data() + ranges->size());
  EmitRest(&out, program, *ranges);
  return out.Finish();
}

}  // namespace tsc
