// SPDX-License-Identifier: Apache-2.0
#include "runtime/user_lookup.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <string_view>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::size_t kAccountFileLimit = 16 << 20;

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool IsDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::uint32_t> Number(std::string_view text) {
  if (text.empty() || text.size() > 10 || !IsDigits(text)) return {};
  std::uint64_t number = 0;
  for (const char digit : text) number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  if (number > 0x7fffffff) return {};
  return static_cast<std::uint32_t>(number);
}

using Fields = std::vector<std::string_view>;

// Calls `visit` with each well-formed line until it returns true.
void EachLine(std::string_view text, std::size_t fields, const std::function<bool(const Fields&)>& visit) {
  for (const auto line : Split(text, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    const auto parts = Split(line, ':');
    if (parts.size() >= fields && visit(parts)) return;
  }
}

bool Malformed(const std::string& text) {
  if (text.empty()) return true;
  const bool starts_like_number = text[0] == '-' || text[0] == '+';
  return starts_like_number || text.find_first_of("\n\r/") != std::string::npos || text.find('\0') != std::string::npos;
}

struct Account {
  bool found = false;
  std::string name;
};

Result<Account> FindPasswd(const std::string& wanted, const std::string& passwd, FoundUser* user) {
  const auto number = Number(wanted);
  Account account;
  const auto take = [&](const Fields& fields) {
    const auto uid = Number(fields[2]);
    const auto gid = Number(fields[3]);
    if (!uid || !gid) return false;
    user->uid = *uid;
    user->gid = *gid;
    user->home = fields.size() > 5 && !fields[5].empty() ? std::string(fields[5]) : "/";
    account = {true, std::string(fields[0])};
    return true;
  };
  if (!number) {
    if (IsDigits(wanted)) return Fail("find user", EINVAL, wanted);
    EachLine(passwd, 4, [&](const Fields& fields) { return fields[0] == wanted && take(fields); });
    if (account.found) return account;
    return Fail("find user", ENOENT, wanted);
  }
  EachLine(passwd, 4, [&](const Fields& fields) { return Number(fields[2]) == number && take(fields); });
  if (!account.found) user->uid = *number;
  return account;
}

void AddGroupsOf(const std::string& name, const std::string& group, FoundUser* user) {
  EachLine(group, 4, [&](const Fields& fields) {
    const auto gid = Number(fields[2]);
    const auto members = Split(fields[3], ',');
    if (gid && std::find(members.begin(), members.end(), name) != members.end() &&
        std::find(user->groups.begin(), user->groups.end(), *gid) == user->groups.end()) {
      user->groups.push_back(*gid);
    }
    return false;
  });
}

}  // namespace

Result<gid_t> FindGroup(const std::string& wanted, const std::string& group) {
  if (Malformed(wanted)) return Fail("find group", EINVAL, wanted);
  std::optional<gid_t> gid = Number(wanted);
  if (gid) return *gid;
  if (IsDigits(wanted)) return Fail("find group", EINVAL, wanted);
  EachLine(group, 3, [&](const Fields& fields) {
    if (fields[0] == wanted) gid = Number(fields[2]);
    return gid.has_value();
  });
  if (!gid) return Fail("find group", ENOENT, wanted);
  return *gid;
}

Result<FoundUser> FindUser(const std::string& wanted, const std::string& passwd, const std::string& group) {
  const auto colon = wanted.find(':');
  const std::string user_part = wanted.substr(0, colon);
  if (Malformed(user_part)) return Fail("find user", EINVAL, wanted);
  FoundUser user;
  const auto account = TSC_TRY(FindPasswd(user_part, passwd, &user));
  if (colon == std::string::npos) {
    if (account.found) AddGroupsOf(account.name, group, &user);
    return user;
  }
  user.gid = TSC_TRY(FindGroup(wanted.substr(colon + 1), group));
  return user;
}

std::string ReadAccountFile(const char* path) {
  // Opened without blocking: an image may have a FIFO or a device there.
  const UniqueFd fd(::open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  auto text = ReadFd(fd.get(), kAccountFileLimit, path);
  return text.ok() ? *std::move(text) : std::string();
}

}  // namespace tsc
