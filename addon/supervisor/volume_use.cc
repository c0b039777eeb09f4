// SPDX-License-Identifier: Apache-2.0
#include "supervisor/volume_use.h"

#include "supervisor/create_request.h"

namespace tsc {
namespace {

std::optional<VolumeFileSystem> ParseFileSystem(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  VolumeFileSystem parsed{StringMember(json, "type"), {}};
  for (const auto& option : StringsMember(json, "options")) {
    const auto equals = option.find('=');
    parsed.data.emplace_back(option.substr(0, equals), equals == std::string::npos ? std::string() : option.substr(equals + 1));
  }
  return parsed;
}

}  // namespace

Result<std::vector<VolumeUse>> ParseVolumeUses(const Json& list) {
  std::vector<VolumeUse> uses;
  for (const auto& item : list) {
    VolumeUse use{StringMember(item, "name"), {}, StringMember(item, "copyFrom"), BoolMember(item, "anonymous")};
    if (!IsName(use.name)) return Fail("parse volume", EINVAL, use.name);
    if (Member(item, "record").is_object()) use.record = Member(item, "record").dump(-1, ' ', false, Json::error_handler_t::replace);
    use.file_system = ParseFileSystem(Member(item, "fileSystem"));
    uses.push_back(std::move(use));
  }
  return uses;
}

}  // namespace tsc
