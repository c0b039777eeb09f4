// SPDX-License-Identifier: Apache-2.0
#include "supervisor/id_range.h"

#include <fcntl.h>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::uint32_t kUnclaimed = 0x70000000;

std::vector<std::string_view> Fields(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto colon = line.find(':');
    fields.push_back(line.substr(0, colon));
    if (colon == std::string_view::npos) return fields;
    line.remove_prefix(colon + 1);
  }
}

std::optional<std::uint32_t> Number(std::string_view text) {
  std::uint32_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return {};
  return value;
}

template <class Visit>
void EachLine(const char* file, Visit visit) {
  const auto text = ReadFileAt(AT_FDCWD, file, 4 << 20);
  if (!text.ok()) return;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    visit(Fields(rest.substr(0, end)));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
}

}  // namespace

std::optional<IdRange> SubordinateRange(const char* file, std::uint32_t uid, const std::string& name) {
  std::optional<IdRange> best;
  EachLine(file, [&](const std::vector<std::string_view>& fields) {
    if (fields.size() != 3 || (fields[0] != name && Number(fields[0]) != uid) || fields[0].empty()) return;
    const auto first = Number(fields[1]);
    const auto count = Number(fields[2]);
    if (first && count && *count > 0 && (!best || *count > best->count)) best = IdRange{*first, *count};
  });
  return best;
}

std::string UserName(std::uint32_t uid) {
  std::string name;
  EachLine("/etc/passwd", [&](const std::vector<std::string_view>& fields) {
    if (fields.size() >= 3 && Number(fields[2]) == uid && name.empty()) name = fields[0];
  });
  if (!name.empty()) return name;
  const char* variable = std::getenv("USER");
  return variable ? variable : "";
}

std::uint32_t FindIdRange(std::uint32_t count) {
  const auto uids = SubordinateRange("/etc/subuid", 0, "root");
  const auto gids = SubordinateRange("/etc/subgid", 0, "root");
  // One range serves for users and groups, so that both files must agree on it.
  if (uids && gids && uids->first == gids->first && uids->count >= count && gids->count >= count) return uids->first;
  return kUnclaimed;
}

}  // namespace tsc
