// SPDX-License-Identifier: Apache-2.0
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>

#include "command/invocation.h"
#include "command/output.h"
#include "command/record.h"
#include "command/sentence.h"

namespace tsc {
namespace {

std::string Owner(const RecordPlace& place) {
  struct stat info {};
  if (::fstat(place.directory.get(), &info) != 0) return {};
  return info.st_uid == 0 ? "root" : "#" + std::to_string(info.st_uid);
}

Json Describe(const RecordPlace& place) {
  const auto status = place.status();
  auto state = place.State(status);
  state["rootfs"] = place.record.rootfs;
  state["created"] = place.record.created;
  state["owner"] = Owner(place);
  if (!state.contains("annotations")) state["annotations"] = nullptr;
  return state;
}

}  // namespace

Result<int> ListCommand(const Invocation& call) {
  const auto format = call.options.get("format", "table");
  if (format != "table" && format != "json") return Refuse("invalid format option \"" + format + "\"");
  Json all = Json::array();
  for (const auto& id : TSC_TRY(ListRecords(call.root))) {
    const auto place = OpenRecord(call.root, id);
    if (place.ok()) all.push_back(Describe(*place));  // deleted meanwhile
  }
  std::vector<std::vector<std::string>> rows;
  if (!call.options.is_set("quiet")) rows.push_back({"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"});
  for (const auto& state : all) {
    if (call.options.is_set("quiet"))
      rows.push_back({state["id"]});
    else
      rows.push_back(
          {state["id"], std::to_string(state["pid"].get<int>()), state["status"], state["bundle"], state["created"], state["owner"]});
  }
  if (format == "json" && !call.options.is_set("quiet"))
    TSC_TRY(PrintJson(all));
  else
    TSC_TRY(PrintTable(rows));
  return 0;
}

Result<int> StateCommand(const Invocation& call) {
  const auto place = TSC_TRY(OpenRecord(call.root, TSC_TRY(call.id())));
  TSC_TRY(PrintJson(Describe(place), 2));
  return 0;
}

}  // namespace tsc
