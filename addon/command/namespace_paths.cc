// SPDX-License-Identifier: Apache-2.0
#include "command/namespace_paths.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>

namespace tsc {

Result<std::vector<OpenedNamespace>> OpenNamespaces(const Spec& spec) {
  std::vector<OpenedNamespace> opened;
  for (const auto& entry : spec.namespaces) {
    if (entry.path.empty()) continue;
    UniqueFd fd(::open(entry.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return Errno("open namespace", entry.path);
    if (::ioctl(fd.get(), NS_GET_NSTYPE) != entry.flag) return Fail("open namespace", EINVAL, entry.path);
    opened.push_back({std::move(fd), entry.flag});
  }
  std::stable_partition(opened.begin(), opened.end(), [](const OpenedNamespace& entry) { return entry.kind == CLONE_NEWUSER; });
  return opened;
}

int ForeignNamespaces(pid_t pid) {
  struct Kind {
    const char* name;
    int flag;
  };
  static constexpr Kind kKinds[] = {{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS},  {"pid", CLONE_NEWPID},      {"ipc", CLONE_NEWIPC},
                                    {"uts", CLONE_NEWUTS},   {"net", CLONE_NEWNET}, {"cgroup", CLONE_NEWCGROUP}};
  int kinds = 0;
  for (const auto& kind : kKinds) {
    struct stat own {
    }, other{};
    const std::string name = std::string("/ns/") + kind.name;
    const bool found =
        ::stat(("/proc/self" + name).c_str(), &own) == 0 && ::stat(("/proc/" + std::to_string(pid) + name).c_str(), &other) == 0;
    if (found && (own.st_ino != other.st_ino || own.st_dev != other.st_dev)) kinds |= kind.flag;
  }
  return kinds;
}

}  // namespace tsc
