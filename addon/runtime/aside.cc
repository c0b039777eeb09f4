// SPDX-License-Identifier: Apache-2.0
#include "runtime/aside.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace tsc {
namespace {

constexpr std::uint64_t kLongSliceNs = 20'000'000;

// struct sched_attr of linux/sched/types.h, which cannot be included together with <sched.h>.
struct Attributes {
  std::uint32_t size = sizeof(Attributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};

// 0: the usual one.
void AskForSlice(std::uint64_t nanoseconds) {
  Attributes attributes;
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0 || attributes.policy != SCHED_OTHER) return;
  attributes.runtime = nanoseconds;
  ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

std::optional<cpu_set_t> Allowed() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return {};
  return set;
}

void Allow(const cpu_set_t& set) { (void)::sched_setaffinity(0, sizeof set, &set); }

}  // namespace

// A mask that is set stays with the process when its cpuset grows. So what had none gets all processors back, not those of today.
Aside::Aside() : allowed_(Allowed()), restored_(allowed_) {
  AskForSlice(kLongSliceNs);
  if (!allowed_) return;
  cpu_set_t all;
  std::memset(&all, 0xff, sizeof all);
  Allow(all);
  const auto possible = Allowed();
  if (possible && CPU_EQUAL(&*possible, &*allowed_))
    restored_ = all;
  else
    Allow(*allowed_);
}

void Aside::Avoid(int processor) {
  if (!allowed_ || processor < 0 || processor >= CPU_SETSIZE || processor == avoided_) return;
  cpu_set_t others = *allowed_;
  CPU_CLR(processor, &others);
  if (CPU_COUNT(&others) > 0 && ::sched_setaffinity(0, sizeof others, &others) == 0) avoided_ = processor;
}

void Aside::Return() const {
  AskForSlice(0);
  if (restored_) Allow(*restored_);
}

}  // namespace tsc
