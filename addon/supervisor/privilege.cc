// SPDX-License-Identifier: Apache-2.0
#include "supervisor/privilege.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::uint64_t kMostIds = 65536;
constexpr std::uint64_t kAllIds = 4294967295;

// The end of what is mapped from 0 on by the lines "inside outside count" of one map.
std::uint64_t EndOfMap(const char* file) {
  const auto text = ReadFileAt(AT_FDCWD, file, 1 << 16);
  if (!text.ok()) return 0;
  std::uint64_t first_end = 0, second_end = 0;
  const char* at = text->c_str();
  while (*at) {
    char* next = nullptr;
    const auto inside = std::strtoull(at, &next, 10);
    std::strtoull(next, &next, 10);
    const auto count = std::strtoull(next, &next, 10);
    if (next == at) break;
    at = next;
    while (*at == '\n' || *at == ' ') ++at;
    if (inside == 0) first_end = count;
    if (inside == 1) second_end = 1 + count;
  }
  return first_end == 1 && second_end > 1 ? second_end : first_end;
}

bool InInitialUserNamespace() { return EndOfMap("/proc/self/uid_map") >= kAllIds; }

}  // namespace

bool HasCapability(int capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return false;
  return (data[capability / 32].effective >> (capability % 32)) & 1;
}

Privilege FindPrivilege() {
  if (::geteuid() != 0 || !HasCapability(CAP_SYS_ADMIN)) return Privilege::kOrdinary;
  return InInitialUserNamespace() ? Privilege::kRoot : Privilege::kNamespaceRoot;
}

unsigned MappedIds() { return static_cast<unsigned>(std::min({kMostIds, EndOfMap("/proc/self/uid_map"), EndOfMap("/proc/self/gid_map")})); }

}  // namespace tsc
