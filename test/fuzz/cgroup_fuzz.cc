// SPDX-License-Identifier: Apache-2.0
// The kernel's text files: mountinfo, /proc/self/cgroup, counters of cgroups. An input is two of them with a NUL between.
#include "cgroup/mounts.h"
#include "cgroup/oom_watch.h"
#include "cgroup/pressure.h"
#include "cgroup/usage.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

void Run(std::string_view input) {
  const auto middle = std::min(input.find('\0'), input.size());
  const std::string_view one = input.substr(0, middle), other = input.substr(std::min(middle + 1, input.size()));
  for (const auto& mount : ParseCgroupMounts(one, other)) {
    Require(mount.unified || mount.names != "not a cgroup");
    Require(mount.own.find("/..") == std::string::npos);
  }
  Require(ParseIoV2(one).size() <= one.size());
  Require(ParseIoV1(one, other).size() <= input.size());
  (void)ParsePressure(one);
  (void)ParseOomKills(one);
}

const Registration kTarget({"cgroup", Run});

}  // namespace
}  // namespace tsc::fuzz
