// SPDX-License-Identifier: Apache-2.0
#include "runtime/seccomp_tree.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>

#include "runtime/seccomp_word.h"

namespace tsc {
namespace {

using Program = FilterProgram;

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

// Writes the same program anew: for each word that decides something the ranges of its values, found by bisection.
class Writer {
 public:
  // `jumps`: tests lead to answers and to other words by themselves, which needs them all within reach.
  Writer(const Program& program, std::uint32_t architecture, bool jumps) : program_(program), architecture_(architecture), jumps_(jumps) {}

  std::optional<Program> Write(const SeccompWord& start, std::uint32_t elsewhere) {
    const auto known = out_.New();
    out_.Emit(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
    const auto unknown = out_.New();
    out_.Test(BPF_JMP | BPF_JEQ | BPF_K, architecture_, known, unknown);
    out_.Place(unknown);
    out_.Emit(BPF_RET | BPF_K, elsewhere);
    out_.Place(known);
    WriteWord(start.word(), *start.Ranges());
    // Everything leads forward, so what comes next is the first of what is still to be written.
    while (!pending_.empty()) {
      if (*pending_.begin() >= program_.size()) return {};
      WriteFrom(*pending_.begin());
    }
    for (const auto& [value, label] : answers_) {
      out_.Place(label);
      out_.Emit(BPF_RET | BPF_K, value);
    }
    return out_.Finish();
  }

 private:
  using Label = Assembler::Label;
  using Iterator = const FilterRange*;

  void WriteFrom(std::size_t at) {
    pending_.erase(at);
    out_.Place(at);
    const SeccompWord word(program_, architecture_, at);
    const auto ranges = word.Ranges();
    ranges ? WriteWord(word.word(), *ranges) : Copy(at);
  }

  void WriteWord(std::uint32_t word, const std::vector<FilterRange>& ranges) {
    out_.Emit(BPF_LD | BPF_W | BPF_ABS, word);
    WriteTree(ranges.data(), ranges.data() + ranges.size());
  }

  void WriteTree(Iterator begin, Iterator end) {
    if (end - begin == 1) return WriteLeaf(begin->outcome);
    const bool one_value = end - begin == 3 && begin[0].outcome == begin[2].outcome && begin[2].first - begin[1].first == 1;
    const Iterator middle = begin + (one_value ? 1 : (end - begin) / 2);
    const auto yes = Next(middle, one_value ? middle + 1 : end), no = Next(begin, middle);
    out_.Test(BPF_JMP | (one_value ? BPF_JEQ : BPF_JGE) | BPF_K, middle->first, yes.label, no.label);
    WriteNext(no, begin, middle);
    WriteNext(yes, middle, one_value ? middle + 1 : end);
  }

  struct Branch {
    Label label;
    bool is_elsewhere;
  };

  Branch Next(Iterator begin, Iterator end) {
    if (!jumps_ || end - begin > 1) return {out_.New(), false};
    return {begin->outcome.is_answer ? Answer(begin->outcome.value) : Later(begin->outcome.value), true};
  }

  void WriteNext(const Branch& branch, Iterator begin, Iterator end) {
    if (branch.is_elsewhere) return;
    out_.Place(branch.label);
    WriteTree(begin, end);
  }

  void WriteLeaf(const FilterOutcome& outcome) {
    if (outcome.is_answer)
      out_.Emit(BPF_RET | BPF_K, outcome.value);
    else
      out_.Goto(Later(outcome.value));
  }

  // What this does not understand stays as it is.
  void Copy(std::size_t at) {
    const sock_filter& step = program_[at];
    if (IsGoto(step)) return out_.Goto(Later(at + 1 + step.k));
    if (IsTest(step)) {
      const auto yes = Later(at + 1 + step.jt), no = Later(at + 1 + step.jf);
      return out_.Test(step.code, step.k, yes, no);
    }
    out_.Emit(step.code, step.k);
    if (BPF_CLASS(step.code) != BPF_RET) (void)Later(at + 1);
  }

  Label Later(std::size_t at) {
    pending_.insert(at);
    return at;
  }

  Label Answer(std::uint32_t value) {
    const auto [it, is_new] = answers_.try_emplace(value);
    if (is_new) it->second = out_.New();
    return it->second;
  }

  const Program& program_;
  std::uint32_t architecture_;
  bool jumps_;
  Assembler out_;
  std::set<std::size_t> pending_;
  std::map<std::uint32_t, Label> answers_;
};

}  // namespace

std::optional<Program> BisectSyscalls(const Program& program, std::uint32_t architecture) {
  const SeccompWord native(program, architecture, 0), foreign(program, ~architecture, 0);
  const auto ranges = native.Ranges();
  const auto elsewhere = foreign.Answer();
  const bool one_architecture = native.architectures() == std::set{architecture} && foreign.architectures() == std::set{architecture};
  if (!ranges || !elsewhere || !one_architecture || native.word() != offsetof(seccomp_data, nr)) return {};
  auto written = Writer(program, architecture, true).Write(native, *elsewhere);
  return written ? std::move(written) : Writer(program, architecture, false).Write(native, *elsewhere);
}

}  // namespace tsc
