// SPDX-License-Identifier: Apache-2.0
#include "runtime/seccomp.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "core/json_reader.h"
#include "core/paths.h"
#include "runtime/seccomp_tree.h"

namespace tsc {
namespace {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

#if defined(__x86_64__)
constexpr std::uint32_t kNativeAudit = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kNativeAudit = AUDIT_ARCH_AARCH64;
#else
#error "unsupported architecture"
#endif

Result<std::uint32_t> Action(const std::string& name, unsigned error) {
  if (name == "SCMP_ACT_ALLOW") return std::uint32_t{SCMP_ACT_ALLOW};
  if (name == "SCMP_ACT_ERRNO") return std::uint32_t{SCMP_ACT_ERRNO(error)};
  if (name == "SCMP_ACT_KILL" || name == "SCMP_ACT_KILL_THREAD") return std::uint32_t{SCMP_ACT_KILL_THREAD};
  if (name == "SCMP_ACT_KILL_PROCESS") return std::uint32_t{SCMP_ACT_KILL_PROCESS};
  if (name == "SCMP_ACT_TRAP") return std::uint32_t{SCMP_ACT_TRAP};
  if (name == "SCMP_ACT_LOG") return std::uint32_t{SCMP_ACT_LOG};
  if (name == "SCMP_ACT_TRACE") return std::uint32_t{SCMP_ACT_TRACE(error)};
  return Fail("seccomp action", EINVAL, name);  // SCMP_ACT_NOTIFY needs a listener, which nobody here would be
}

Result<scmp_arg_cmp> Comparison(const Json& arg) {
  static const std::map<std::string, scmp_compare> kOperators = {{"SCMP_CMP_NE", SCMP_CMP_NE},
                                                                 {"SCMP_CMP_LT", SCMP_CMP_LT},
                                                                 {"SCMP_CMP_LE", SCMP_CMP_LE},
                                                                 {"SCMP_CMP_EQ", SCMP_CMP_EQ},
                                                                 {"SCMP_CMP_GE", SCMP_CMP_GE},
                                                                 {"SCMP_CMP_GT", SCMP_CMP_GT},
                                                                 {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};
  const auto it = kOperators.find(StringMember(arg, "op"));
  const auto index = IntMember(arg, "index", -1);
  if (it == kOperators.end() || index < 0 || index > 5) return Fail("seccomp argument", EINVAL, StringMember(arg, "op"));
  const auto number = [&](const char* key) -> scmp_datum_t { return UnsignedOf(Member(arg, key)); };
  return scmp_arg_cmp{static_cast<unsigned>(index), it->second, number("value"), number("valueTwo")};
}

Status AddRule(scmp_filter_ctx filter, std::uint32_t action, const std::string& name, const Json& args) {
  const int number = seccomp_syscall_resolve_name(name.c_str());
  if (number == __NR_SCMP_ERROR) return {};  // a name of a newer or another kernel: the default action holds
  std::vector<scmp_arg_cmp> comparisons;
  for (const auto& arg : args) comparisons.push_back(TSC_TRY(Comparison(arg)));
  int code = seccomp_rule_add_array(filter, action, number, static_cast<unsigned>(comparisons.size()), comparisons.data());
  // Several comparisons of one argument are alternatives (runc's and crun's reading): one rule for each.
  if (code == -EINVAL && comparisons.size() > 1) {
    for (auto& comparison : comparisons) {
      code = seccomp_rule_add_array(filter, action, number, 1, &comparison);
      if (code != 0) break;
    }
  }
  if (code != 0 && code != -EEXIST && code != -EACCES && code != -EDOM) return Fail("seccomp rule", -code, name);
  return {};
}

Status AddArchitectures(scmp_filter_ctx filter, const Json& names) {
  for (const auto& entry : names) {
    std::string name = StringOf(entry);
    if (!name.starts_with("SCMP_ARCH_")) return Fail("seccomp architecture", EINVAL, name);
    name = name.substr(10);
    for (auto& letter : name) letter = static_cast<char>(std::tolower(letter));
    const auto token = seccomp_arch_resolve_name(name.c_str());
    if (token == 0) return Fail("seccomp architecture", EINVAL, name);
    const int code = seccomp_arch_add(filter, token);
    if (code != 0 && code != -EEXIST) return Fail("seccomp architecture", -code, name);
  }
  return {};
}

Result<unsigned> Flags(const Json& names) {
  unsigned flags = 0;
  for (const auto& entry : names) {
    const std::string name = StringOf(entry);
    if (name == "SECCOMP_FILTER_FLAG_LOG")
      flags |= SECCOMP_FILTER_FLAG_LOG;
    else if (name == "SECCOMP_FILTER_FLAG_SPEC_ALLOW")
      flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    else if (name != "SECCOMP_FILTER_FLAG_TSYNC")
      return Fail("seccomp flag", EINVAL, name);
  }
  return flags;
}

std::uint32_t NewestKnownSyscall() {
  std::uint32_t newest = 0;
  for (int number = 0; number < 1024; ++number) {
    char* name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), number);
    if (name) newest = static_cast<std::uint32_t>(number);
    std::free(name);
  }
  return newest;
}

// ENOSYS for the native numbers above the newest known one; numbers of the x32 ABI have bit 30 and go on to the filter.
void PrependUnknownSyscalls(std::vector<sock_filter>* code) {
  const sock_filter prologue[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kNativeAudit, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),   BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NewestKnownSyscall(), 0, 1),  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)};
  code->insert(code->begin(), std::begin(prologue), std::end(prologue));
}

Result<std::vector<sock_filter>> Export(scmp_filter_ctx filter) {
  UniqueFd memory(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!memory) return Errno("memfd_create", "seccomp");
  if (const int code = seccomp_export_bpf(filter, memory.get()); code != 0) return Fail("seccomp export", -code);
  const off_t size = ::lseek(memory.get(), 0, SEEK_END);
  std::vector<sock_filter> instructions(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (::pread(memory.get(), instructions.data(), static_cast<std::size_t>(size), 0) != size) return Errno("read", "seccomp");
  return instructions;
}

}  // namespace

Result<SeccompProgram> CompileSeccomp(const Json& profile) {
  const auto fallback_errno = static_cast<unsigned>(IntMember(profile, "defaultErrnoRet", EPERM));
  const auto fallback = TSC_TRY(Action(StringMember(profile, "defaultAction"), fallback_errno));
  const Filter filter(seccomp_init(fallback), &seccomp_release);
  if (!filter) return Fail("seccomp default action", EINVAL, StringMember(profile, "defaultAction"));
  TSC_TRY(AddArchitectures(filter.get(), Member(profile, "architectures")));
  // 2: a balanced tree. A foreign ABI ends the process.
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 0);
  for (const auto& rule : Member(profile, "syscalls")) {
    const auto error = static_cast<unsigned>(IntMember(rule, "errnoRet", EPERM));
    const auto action = TSC_TRY(Action(StringMember(rule, "action"), error));
    if (action == fallback) continue;
    for (const auto& name : StringsMember(rule, "names")) TSC_TRY(AddRule(filter.get(), action, name, Member(rule, "args")));
  }
  SeccompProgram program;
  program.flags = TSC_TRY(Flags(Member(profile, "flags")));
  program.instructions = TSC_TRY(Export(filter.get()));
  if (fallback != SCMP_ACT_ALLOW) PrependUnknownSyscalls(&program.instructions);
  if (auto smaller = BisectSyscalls(program.instructions, kNativeAudit)) program.instructions = std::move(*smaller);
  if (program.instructions.size() > BPF_MAXINSNS) return Fail("seccomp program", E2BIG);
  return program;
}

Status LoadSeccomp(const SeccompProgram& program) {
  const sock_fprog prog{static_cast<unsigned short>(program.instructions.size()), const_cast<sock_filter*>(program.instructions.data())};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, program.flags, &prog) != 0) return Errno("seccomp");
  return {};
}

}  // namespace tsc
