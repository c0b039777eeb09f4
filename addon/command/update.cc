// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cctype>

#include "command/bundle.h"
#include "command/cgroup_place.h"
#include "command/invocation.h"
#include "command/number.h"
#include "command/record.h"
#include "command/sentence.h"
#include "core/paths.h"

namespace tsc {
namespace {

struct NumberFlag {
  const char* flag;
  const char* part;
  const char* key;
  bool bytes;
};
constexpr NumberFlag kNumbers[] = {{"cpu-period", "cpu", "period", false},
                                   {"cpu-quota", "cpu", "quota", false},
                                   {"cpu-burst", "cpu", "burst", false},
                                   {"cpu-share", "cpu", "shares", false},
                                   {"cpu-idle", "cpu", "idle", false},
                                   {"memory", "memory", "limit", true},
                                   {"memory-reservation", "memory", "reservation", true},
                                   {"memory-swap", "memory", "swap", true},
                                   {"pids-limit", "pids", "limit", false},
                                   {"blkio-weight", "blockIO", "weight", false}};

// "512m": bytes with a unit of powers of 1024.
Result<std::int64_t> ParseBytes(const std::string& text) {
  const auto digits = text.find_first_not_of("-0123456789");
  std::int64_t value = TSC_TRY(ParseNumber(text.substr(0, digits)));
  auto unit = digits == std::string::npos ? std::string() : text.substr(digits);
  for (auto& letter : unit) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  const auto power = unit.empty() || unit == "b" ? 0U : std::string("kmgt").find(unit[0]) + 1;
  if (power > 4 || (unit.size() > 1 && unit.substr(1) != "b" && unit.substr(1) != "ib")) return Refuse("\"" + text + "\" is not a size");
  for (std::size_t i = 0; i < power; ++i)
    if (__builtin_mul_overflow(value, 1024, &value)) return Refuse("\"" + text + "\" is not a size");
  return value;
}

Result<Json> ResourcesOfFlags(const Options& options) {
  Json resources = Json::object();
  for (const auto& known : kNumbers) {
    if (!options.has(known.flag)) continue;
    const auto text = options.get(known.flag);
    resources[known.part][known.key] = known.bytes ? TSC_TRY(ParseBytes(text)) : TSC_TRY(ParseNumber(text));
  }
  if (options.has("cpuset-cpus")) resources["cpu"]["cpus"] = options.get("cpuset-cpus");
  if (options.has("cpuset-mems")) resources["cpu"]["mems"] = options.get("cpuset-mems");
  return resources;
}

Result<Json> ResourcesOfFile(const std::string& path) {
  if (path != "-") return ReadJsonFile(path);
  const auto text = TSC_TRY(ReadFd(STDIN_FILENO, 1 << 20, "stdin"));
  auto json = Json::parse(text, nullptr, false);
  return json.is_object() ? Result<Json>(std::move(json)) : Refuse("the resources are not a JSON object");
}

}  // namespace

Result<int> UpdateCommand(const Invocation& call) {
  const auto& options = call.options;
  auto place = TSC_TRY(OpenRecord(call.root, TSC_TRY(call.id())));
  if (!place.alive()) return Refuse("cannot update a container that is not running");
  auto json = options.has("resources") ? TSC_TRY(ResourcesOfFile(options.get("resources"))) : TSC_TRY(ResourcesOfFlags(options));
  json.erase("devices");  // rules of devices stay as they are
  const auto resources = TSC_TRY(ParseResources(json));
  auto cgroup = TSC_TRY(OpenContainerCgroup(place.record));
  TSC_TRY(cgroup.Apply(resources));
  place.record.config["linux"]["resources"].merge_patch(json);
  TSC_TRY(place.Save());
  return 0;
}

}  // namespace tsc
