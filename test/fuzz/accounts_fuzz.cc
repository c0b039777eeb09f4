// SPDX-License-Identifier: Apache-2.0
// /etc/passwd and /etc/group of an image. An input is USER, a NUL, a passwd, a NUL, a group.
#include <algorithm>

#include "runtime/user_lookup.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

constexpr std::uint32_t kLargest = 0x7fffffff;

std::string Take(std::string_view* rest) {
  const auto end = rest->find('\0');
  std::string part(rest->substr(0, end));
  rest->remove_prefix(end == std::string_view::npos ? rest->size() : end + 1);
  return part;
}

void Run(std::string_view input) {
  const std::string wanted = Take(&input), passwd = Take(&input), group(input);
  const auto gid = FindGroup(wanted, group);
  if (gid.ok()) Require(*gid <= kLargest);
  const auto user = FindUser(wanted, passwd, group);
  if (!user.ok()) return;
  Require(user->uid <= kLargest && user->gid <= kLargest && !user->home.empty());
  auto groups = user->groups;
  std::sort(groups.begin(), groups.end());
  Require(std::adjacent_find(groups.begin(), groups.end()) == groups.end());
}

const Registration kTarget({"accounts", Run});

}  // namespace
}  // namespace tsc::fuzz
