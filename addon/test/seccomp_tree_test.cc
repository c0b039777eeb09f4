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

// An int argument that is none of two values, as libseccomp can say it: by all prefixes that neither of them has.
void AllowAllBut(const Filter& filter, int number, unsigned argument, std::uint32_t one, std::uint32_t other) {
  for (int bit = 31; bit >= 0; --bit) {
    const std::uint32_t mask = ~0U << bit;
    for (const std::uint32_t value : {one ^ 1U << bit, other ^ 1U << bit}) {
      if (((value ^ one) & mask) == 0 || ((value ^ other) & mask) == 0) continue;
      const scmp_arg_cmp compared{argument, SCMP_CMP_MASKED_EQ, mask, value & mask};
      seccomp_rule_add_array(filter.context, SCMP_ACT_ALLOW, number, 1, &compared);
    }
  }
}

// Rules of every form, for few numbers.
Program RandomProfile(std::uint32_t seed) {
  Filter filter;
  std::mt19937 random(seed);
  for (int i = 0; i < 25; ++i) {
    const int number = static_cast<int>(random() % 300);
    const unsigned argument = random() % 3;
    const std::uint32_t value = random() % 2 ? random() % 50 : static_cast<std::uint32_t>(random());
    const std::uint64_t wide = random() % 3 ? value : value | std::uint64_t{random()} << 32;
    switch (random() % 5) {
      case 0:
        seccomp_rule_add(filter.context, random() % 2 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(random() % 40), number, 0);
        break;
      case 1:
        AllowAllBut(filter, number, argument, value, value ^ 2);
        break;
      case 2: {
        const std::uint64_t mask = random() % 2 ? random() : ~0ULL << random() % 64;
        const scmp_arg_cmp compared{argument, SCMP_CMP_MASKED_EQ, mask, wide & mask};
        seccomp_rule_add_array(filter.context, SCMP_ACT_ALLOW, number, 1, &compared);
        break;
      }
      default: {
        const scmp_compare comparisons[] = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_EQ, SCMP_CMP_GE, SCMP_CMP_GT};
        const scmp_arg_cmp compared[] = {{argument, comparisons[random() % 6], wide, 0},
                                         {(argument + 1) % 3, comparisons[random() % 6], random() % 20, 0}};
        seccomp_rule_add_array(filter.context, SCMP_ACT_ALLOW, number, 1 + random() % 2, compared);
      }
    }
  }
  return filter.Export();
}

// Each value that the program compares with, and its neighbours.
std::vector<std::uint32_t> Compared(const Program& program) {
  std::vector<std::uint32_t> values{0, 1, 0x7fffffff, 0x80000000, ~0U};
  for (const auto& step : program)
    if (BPF_CLASS(step.code) == BPF_JMP)
      for (const std::uint32_t value : {step.k - 1, step.k, step.k + 1}) values.push_back(value);
  return values;
}

void CheckAtEdges(const Program& before, const Program& after, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto values = Compared(before);
  const auto any = [&] { return values[random() % values.size()]; };
  for (int round = 0; round < 30'000; ++round) {
    seccomp_data data{};
    data.arch = kNative;
    data.nr = static_cast<int>(random() % 8 == 0 ? any() : random() % 300);
    for (auto& arg : data.args) arg = any() | (random() % 4 == 0 ? std::uint64_t{any()} << 32 : 0);
    REQUIRE(Answer(before, data) == Answer(after, data));
  }
}

void CheckAlike(const Program& before, const Program& after) {
  std::mt19937_64 random(11);
  const std::uint64_t interesting[] = {0,          1,       2,    16, 17, 37, 38, 39, 40, 41, 0x1'0000'0028, 0x1'0000'0002, 0x1'0000'0001,
                                       0x7e020000, 0x10000, ~0ULL};
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

TEST_CASE("what an argument must not be is found by bisection too") {
  Filter filter;
  seccomp_rule_add(filter.context, SCMP_ACT_ALLOW, SCMP_SYS(read), 0);
  for (const unsigned argument : {0U, 1U, 2U}) AllowAllBut(filter, SCMP_SYS(socket), argument, 38, 40);
  const Program before = filter.Export();
  const auto after = tsc::BisectSyscalls(before, kNative);
  REQUIRE(after);
  CHECK(after->size() * 5 < before.size());
  CheckAlike(before, *after);
  CheckAtEdges(before, *after, 5);
}

TEST_CASE("filters of every form answer as before") {
  int smaller = 0;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const Program before = RandomProfile(seed);
    const auto after = tsc::BisectSyscalls(before, kNative);
    if (!after) continue;
    CheckAtEdges(before, *after, seed);
    smaller += after->size() < before.size();
  }
  CHECK(smaller > 50);
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
