// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "runtime/spec.h"

namespace tsc {

struct FoundUser {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary, without duplicates
  std::string home = "/";
};

// Docker's USER: "user", "user:group", by name or by number. A number is an id, whatever the image calls its users: a
// line "1000:x:0:0" would make root of whoever is to be 1000.
// `passwd` and `group` are the files' texts, empty where the image has none. Ids are 0 to 2^31-1.
// Failure: "find user" or "find group", ENOENT (no such name) or EINVAL (malformed).
Result<FoundUser> FindUser(const std::string& wanted, const std::string& passwd, const std::string& group);

// One group by name or by number, as in Docker's `group_add`. Failure: "find group".
Result<gid_t> FindGroup(const std::string& wanted, const std::string& group);

// Reads /etc/passwd or /etc/group of the current root: a regular file of at most 16 MiB, or nothing.
std::string ReadAccountFile(const char* path);

}  // namespace tsc
