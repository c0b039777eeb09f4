// SPDX-License-Identifier: Apache-2.0
#include "supervisor/container_names.h"

#include <unistd.h>

#include <cerrno>

#include "supervisor/directory_names.h"

namespace tsc {
namespace {

std::string PathOf(const std::string& name) { return "names/" + name; }

}  // namespace

Status ClaimName(const Host& host, const std::string& name, const std::string& id) {
  if (::symlinkat(id.c_str(), host.root_dir.get(), PathOf(name).c_str()) == 0) return {};
  const int error = errno;
  if (error == EEXIST && TSC_TRY(ContainerNamed(host, name)) == id) return {};
  return Fail("claim name", error, name);
}

Result<std::string> ContainerNamed(const Host& host, const std::string& name) {
  char target[80] = {};
  if (::readlinkat(host.root_dir.get(), PathOf(name).c_str(), target, sizeof target - 1) > 0) return std::string(target);
  if (IsOfTheMoment(errno)) return Errno("read name", name);
  return std::string();
}

// Not unlinked: the target is too long for an inode, and freeing its block may take as long as a start.
void DropName(const Host& host, const std::string& name, const std::string& id) {
  const auto holder = ContainerNamed(host, name);
  if (!holder.ok() || *holder != id) return;
  const int root = host.root_dir.get();
  const std::string path = PathOf(name);
  if (::renameat(root, path.c_str(), root, ("trash/" + id + ".name").c_str()) != 0) ::unlinkat(root, path.c_str(), 0);
}

}  // namespace tsc
