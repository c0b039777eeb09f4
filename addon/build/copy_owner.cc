// SPDX-License-Identifier: Apache-2.0
#include "build/copy_owner.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <optional>

#include "build/stack_path.h"
#include "core/paths.h"
#include "layer/entry_name.h"
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

bool IsNumber(const std::string& text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos; }

// Nothing where the accounts have no such name; a number is never looked up.
Result<std::optional<Owner>> Look(const std::string& wanted, const std::string& passwd, const std::string& group) {
  const auto found = FindUser(wanted, passwd, group);
  if (found) return std::optional<Owner>({found->uid, found->gid});
  if (found.failure().error == ENOENT) return std::optional<Owner>();
  return found.failure();
}

// Nothing has no accounts: there a name is a mistake.
Result<std::string> AccountsFor(const LayerStack& stack, const char* path, const char* step, const std::string& name) {
  if (TSC_TRY(stack.Root()).levels.empty()) return Fail(step, ENOENT, PrintableName(name));
  return ReadAccounts(stack, path);
}

Result<std::optional<Owner>> LookForUser(const LayerStack& stack, const std::string& user) {
  if (user.empty() || user == "root") return std::optional<Owner>();
  if (IsNumber(user)) return Look(user + ":" + user, {}, {});
  return Look(user, TSC_TRY(AccountsFor(stack, "etc/passwd", "find user", user)), {});
}

Result<std::optional<Owner>> LookForGroup(const LayerStack& stack, const std::string& group) {
  if (group.empty() || group == "root") return std::optional<Owner>(Owner{});
  if (IsNumber(group)) return Look("0:" + group, {}, {});
  return Look("0:" + group, {}, TSC_TRY(AccountsFor(stack, "etc/group", "find group", group)));
}

}  // namespace

Result<Owner> FindOwner(const LayerStack& stack, const std::string& wanted) {
  const auto colon = wanted.find(':');
  auto owner = TSC_TRY(LookForUser(stack, wanted.substr(0, colon))).value_or(Owner{});
  if (colon == std::string::npos) return owner;
  if (const auto group = TSC_TRY(LookForGroup(stack, wanted.substr(colon + 1)))) owner.gid = group->gid;
  return owner;
}

}  // namespace tsc
