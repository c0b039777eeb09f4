// SPDX-License-Identifier: Apache-2.0
#include "supervisor/stored_networks.h"

#include <dirent.h>
#include <fcntl.h>

#include <memory>

#include "core/paths.h"

namespace tsc {

std::optional<NetworkDefinition> FindStoredNetwork(const Host& host, const std::string& id) {
  UniqueFd fd(::openat(host.root_dir.get(), "networks", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(fd ? ::fdopendir(fd.get()) : nullptr, &::closedir);
  if (!dir) return std::nullopt;
  fd.release();
  while (const dirent* entry = ::readdir(dir.get())) {
    if (entry->d_name[0] == '.') continue;
    const auto text = ReadFileAt(::dirfd(dir.get()), (std::string(entry->d_name) + "/network.json").c_str());
    Json record = text.ok() ? Json::parse(*text, nullptr, false) : Json();
    if (!record.is_object() || StringMember(record, "id") != id) continue;
    // What is the store's alone.
    for (const char* member : {"version", "name", "labels", "createdAt"}) record.erase(member);
    const auto definition = ParseNetworkDefinition(record);
    return definition.ok() ? std::optional(*definition) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tsc
