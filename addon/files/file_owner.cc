// SPDX-License-Identifier: Apache-2.0
#include "files/file_owner.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "core/paths.h"
#include "runtime/user_lookup.h"

namespace tsc {
namespace {

constexpr std::size_t kAccountFileLimit = 16 << 20;

std::string ReadAccounts(int root, const char* path) {
  const auto fd = OpenInRoot(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat info {};
  if (!fd || ::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  auto text = ReadFd(fd->get(), kAccountFileLimit, path);
  return text.ok() ? *std::move(text) : std::string();
}

}  // namespace

Result<std::optional<Owner>> OwnerNamed(int root, const Json& value) {
  if (!value.is_string()) return std::optional<Owner>();
  const auto wanted = value.get<std::string>();
  auto user = TSC_TRY(FindUser(wanted, ReadAccounts(root, "/etc/passwd"), ReadAccounts(root, "/etc/group")));
  return std::optional<Owner>(Owner{user.uid, user.gid});
}

}  // namespace tsc
