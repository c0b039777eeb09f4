// SPDX-License-Identifier: Apache-2.0
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "core/unique_fd.h"
#include "layer/confine_parts.h"

namespace tsc::confine {
namespace {

// From linux/landlock.h, whose distribution copy may be older than the kernel. The kernel takes a longer structure if the rest is 0.
struct RulesetAttr {
  std::uint64_t fs = 0;
  std::uint64_t net = 0;
  std::uint64_t scoped = 0;
};
struct __attribute__((packed)) PathBeneathAttr {
  std::uint64_t allowed = 0;
  std::int32_t parent = -1;
};
constexpr unsigned kVersion = 1;
constexpr int kPathBeneath = 1;
constexpr std::uint64_t kExecute = 1 << 0, kReadFile = 1 << 2, kReadDirectory = 1 << 3;
constexpr std::uint64_t kBindTcp = 1, kConnectTcp = 2;
constexpr std::uint64_t kScopes = 3;  // abstract sockets, signals

// Rights that exist in a version of the interface: 13 at first, then REFER (without which no hard link crosses a directory), TRUNCATE,
// IOCTL_DEV.
std::uint64_t RightsOf(long version) {
  const int bits = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
  return (std::uint64_t{1} << bits) - 1;
}

}  // namespace

Status ApplyLandlock(const Reach& reach, Network network) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersion);
  if (version < 2) return {};  // not there, or it would forbid links: the other walls stand
  RulesetAttr rules;
  rules.fs = RightsOf(version);
  if (version >= 4) rules.net = network == Network::kNone ? kBindTcp | kConnectTcp : kBindTcp;
  if (version >= 6) rules.scoped = kScopes;
  const UniqueFd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0)));
  if (!ruleset) return Because("Landlock");
  std::vector<PathBeneathAttr> allowed{{rules.fs & ~kExecute, reach.root}};
  for (const int dir : reach.readable) allowed.push_back({kReadFile | kReadDirectory, dir});
  for (const auto& below : allowed)
    if (::syscall(SYS_landlock_add_rule, ruleset.get(), kPathBeneath, &below, 0) != 0) return Because("Landlock");
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return Because("Landlock");
  return {};
}

}  // namespace tsc::confine
