// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tsc {

struct IdRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

// The largest range that /etc/subuid or /etc/subgid (subuid(5)) gives to this user, by name or by number.
std::optional<IdRange> SubordinateRange(const char* file, std::uint32_t uid, const std::string& name);

// The login name of a user id by /etc/passwd, else $USER, else nothing. Statically linked programs have no NSS.
std::string UserName(std::uint32_t uid);

// As root: where the ids of containers begin. Root's own subordinate range if there is one of that size, else a range above all that
// useradd(8), systemd-nspawn(1) and homed hand out.
std::uint32_t FindIdRange(std::uint32_t count);

}  // namespace tsc
