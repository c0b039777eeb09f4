// SPDX-License-Identifier: Apache-2.0
#include "command/bundle.h"

#include <fcntl.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <set>

#include "command/sentence.h"
#include "command/spec_checks.h"
#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::size_t kMostConfig = 16 << 20;

Result<std::string> RealPath(const std::string& path) {
  char resolved[PATH_MAX];
  if (!::realpath(path.c_str(), resolved)) return Errno("open", path);
  return std::string(resolved);
}

// They are there anyway; callers list them again.
void DropDefaultDevices(Spec* spec) {
  static const std::set<std::string> defaults = {"/dev/null",    "/dev/zero", "/dev/full",    "/dev/random",
                                                 "/dev/urandom", "/dev/tty",  "/dev/console", "/dev/ptmx"};
  std::erase_if(spec->devices, [](const Device& device) { return defaults.count(device.path) != 0; });
}

}  // namespace

Result<Json> ReadJsonFile(const std::string& path) {
  const auto text = TSC_TRY(ReadFileAt(AT_FDCWD, path.c_str(), kMostConfig));
  auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return Refuse(path + " is not a JSON object");
  return json;
}

Result<Process> ReadProcess(Json json) {
  TSC_TRY(CheckProcess(json));
  // Numbers alone say who runs; some callers write the name beside them.
  if (json["user"].is_object()) {
    json["user"].erase("username");
    json["user"].erase("groups");
  }
  return ParseProcess(json);
}

Result<Bundle> EnterBundle(const std::string& path) {
  Bundle bundle;
  bundle.path = TSC_TRY(RealPath(path.empty() ? "." : path));
  if (::chdir(bundle.path.c_str()) != 0) return Errno("enter bundle", bundle.path);
  auto config = ReadJsonFile("config.json");
  if (!config.ok()) {
    return config.failure().error == ENOENT ? Refuse("JSON specification file config.json not found in " + bundle.path) : config.failure();
  }
  bundle.config = std::move(*config);
  TSC_TRY(CheckConfig(bundle.config));
  bundle.rootfs = TSC_TRY(RealPath(StringMember(Member(bundle.config, "root"), "path")));
  bundle.spec = TSC_TRY(ParseSpec(bundle.config));
  bundle.spec.process = TSC_TRY(ReadProcess(Member(bundle.config, "process")));
  DropDefaultDevices(&bundle.spec);
  return bundle;
}

}  // namespace tsc
