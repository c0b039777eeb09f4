// SPDX-License-Identifier: Apache-2.0
#include "build/copy_owner.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "build/stack_path.h"
#include "core/paths.h"
#include "runtime/user_lookup.h"

namespace tsc {
namespace {

constexpr std::size_t kLimit = 16 << 20;

// Nothing where it is no regular file, or none of a sensible size.
std::string ReadAccounts(const LayerStack& stack, const std::string& path) {
  const auto place = FindInStack(stack, path);
  if (!place || !place->entry || !S_ISREG(place->entry->info.st_mode)) return {};
  const UniqueFd file(::openat(place->entry->dir, place->leaf.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  auto text = ReadFd(file.get(), kLimit, path);
  return text ? std::move(*text) : std::string();
}

}  // namespace

Result<Owner> FindOwner(const LayerStack& stack, const std::string& wanted) {
  const bool number = !wanted.empty() && wanted.find_first_not_of("0123456789") == std::string::npos;
  const auto full = number ? wanted + ":" + wanted : wanted;
  const auto found = TSC_TRY(FindUser(full, ReadAccounts(stack, "etc/passwd"), ReadAccounts(stack, "etc/group")));
  return Owner{found.uid, found.gid};
}

}  // namespace tsc
