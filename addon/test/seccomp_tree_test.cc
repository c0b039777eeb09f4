// SPDX-License-Identifier: Apache-2.0
#include "runtime/seccomp_tree.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <random>

#include <doctest/doctest.h>
#include "core/unique_fd.h"

namespace {

using Program = std::vector<sock_filter>;

#if defined(__x86_64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kNative = AUDIT_ARCH_AARCH64;
#endif

// The kernel's own reading of a filter, for the instructions that libseccomp uses.
std::uint32_t Answer(const Program& program, const seccomp_data& data) {
  std::uint32_t value = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const auto& step = program[at];
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&value, reinterpret_cast<const char*>(&data) + step.k, sizeof value);
        break;
      case BPF_RET | BPF_K:
        return step.k;
      case BPF_ALU | BPF_AND | BPF_K:
        value &= step.k;
        break;
      case BPF_JMP | BPF_JA:
        at += step.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += value == step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        at += value > step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += value >= step.k ? step.jt : step.jf;
        break;
      default:
        FAIL("instruction " << step.code);
    }
  }
  FAIL("ran off the end");
  return 0;
}

struct Filter {
  Filter() : context(seccomp_init(SCMP_ACT_ERRNO(1))) {
    seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  }
  ~Filter() { seccomp_release(context); }
  Filter(const Filter&) = delete;

  Program Export() const {
    const tsc::UniqueFd memory(::memfd_create("filter", MFD_CLOEXEC));
    REQUIRE(seccomp_export_bpf(context, memory.get()) == 0);
    Program program(static_cast<std::size_t>(::lseek(memory.get(), 0, SEEK_END)) / sizeof(sock_filter));
    const auto size = program.size() * sizeof(sock_filter);
    REQUIRE(::pread(memory.get(), program.data(), size, 0) == static_cast<ssize_t>(size));
    return program;
  }

  scmp_filter_ctx context;
};

Program SomeProfile() {
  Filter filter;
  std::mt19937 random(7);
  for (int number = 0; number < 460; ++number) {
    char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    const bool known = name != nullptr;
    std::free(name);
    if (!known || random() % 5 == 0) continue;
    if (random() % 30 == 0) {
      for (std::uint64_t value : {1ULL, 16ULL, 0x1'0000'0002ULL}) {
        const scmp_arg_cmp compared{static_cast<unsigned>(random() % 3), SCMP_CMP_EQ, value, 0};
        seccomp_rule_add_array(filter.context, SCMP_ACT_ALLOW, number, 1, &compared);
      }
      const scmp_arg_cmp masked{1, SCMP_CMP_MASKED_EQ, 0x7e020000, 0};
      seccomp_rule_add_array(filter.context, SCMP_ACT_ALLOW, number, 1, &masked);
    } else {
      seccomp_rule_add(filter.context, SCMP_ACT_ALLOW, number, 0);
    }
  }
  seccomp_rule_add(filter.context, SCMP_ACT_ERRNO(38), SCMP_SYS(clone3), 0);
  return filter.Export();
}

void CheckAlike(const Program& before, const Program& after) {
  std::mt19937_64 random(11);
  const std::uint64_t interesting[] = {0, 1, 2, 16, 17, 0x1'0000'0002, 0x1'0000'0001, 0x7e020000, 0x10000, ~0ULL};
  for (const std::uint32_t arch : {kNative, kNative ^ 1, static_cast<std::uint32_t>(AUDIT_ARCH_I386), 0u, ~0u}) {
    for (std::uint32_t number = 0; number < 1200; ++number) {
      for (int round = 0; round < 12; ++round) {
        seccomp_data data{};
        data.arch = arch;
        // Also the numbers of x32, and anything at all.
        data.nr = static_cast<int>(round == 0 ? number | 0x40000000 : round == 1 ? static_cast<std::uint32_t>(random()) : number);
        for (auto& arg : data.args) arg = interesting[random() % std::size(interesting)];
        REQUIRE(Answer(before, data) == Answer(after, data));
      }
    }
  }
}

}  // namespace

TEST_CASE("a filter that bisects answers as before, and is smaller") {
  const Program before = SomeProfile();
  const auto after = tsc::BisectSyscalls(before, kNative);
  REQUIRE(after);
  CHECK(after->size() * 10 < before.size() * 8);
  CheckAlike(before, *after);
}

TEST_CASE("a filter for several architectures is left alone") {
  Filter filter;
  seccomp_arch_add(filter.context, kNative == AUDIT_ARCH_X86_64 ? SCMP_ARCH_X86 : SCMP_ARCH_ARM);
  seccomp_rule_add(filter.context, SCMP_ACT_ALLOW, SCMP_SYS(read), 0);
  CHECK_FALSE(tsc::BisectSyscalls(filter.Export(), kNative));
}

TEST_CASE("a program of another form is left alone") {
  CHECK_FALSE(tsc::BisectSyscalls({}, kNative));
  CHECK_FALSE(tsc::BisectSyscalls({BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}, kNative));
  CHECK_FALSE(
      tsc::BisectSyscalls({BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1),
                           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)},
                          kNative));
}
