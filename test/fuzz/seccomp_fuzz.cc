// SPDX-License-Identifier: Apache-2.0
// Seccomp profiles: a profile of any shape is compiled or refused, and what is compiled is a program that the kernel's rules allow.
#include "core/json_reader.h"
#include "json_mutator.h"
#include "runtime/seccomp.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

// seccomp(2): jumps lead forwards and stay inside, and the last instruction is a return.
void CheckProgram(const std::vector<sock_filter>& program) {
  Require(!program.empty() && program.size() <= BPF_MAXINSNS && BPF_CLASS(program.back().code) == BPF_RET);
  for (std::size_t at = 0; at < program.size(); ++at) {
    const auto& [code, yes, no, k] = program[at];
    if (BPF_CLASS(code) != BPF_JMP) continue;
    const std::size_t next = at + 1, farthest = BPF_OP(code) == BPF_JA ? k : std::max(yes, no);
    Require(next + farthest < program.size());
  }
}

void Run(std::string_view input) {
  const auto program = CompileSeccomp(Json::parse(input, nullptr, false));
  if (program.ok() && !program->instructions.empty()) CheckProgram(program->instructions);
}

const Registration kTarget({"seccomp", Run, MutateJson});

}  // namespace
}  // namespace tsc::fuzz
