// SPDX-License-Identifier: Apache-2.0
#include "command/spec_checks.h"

#include "command/sentence.h"

namespace tsc {
namespace {

bool Asks(const Json& value) {
  if (value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty())) return false;
  return !((value.is_object() || value.is_array()) && value.empty());
}

Status RefuseAny(const Json& object, const std::string& where, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (Asks(Member(object, key))) return Refuse(where + key + " is not supported");
  return {};
}

Status CheckNamespaces(const Json& linux_part) {
  bool has_mount = false;
  for (const auto& item : Member(linux_part, "namespaces")) {
    if (StringMember(item, "type") == "time") return Refuse("linux.namespaces: a time namespace is not supported");
    if (StringMember(item, "type") != "mount") continue;
    if (Asks(Member(item, "path"))) return Refuse("linux.namespaces: a mount namespace by path is not supported");
    has_mount = true;
  }
  if (!has_mount) return Refuse("linux.namespaces: a container needs a mount namespace");
  return {};
}

Status CheckMounts(const Json& mounts) {
  for (const auto& mount : mounts) TSC_TRY(RefuseAny(mount, "mounts: ", {"uidMappings", "gidMappings"}));
  return {};
}

}  // namespace

Status CheckProcess(const Json& process) {
  if (!process.is_object()) return Refuse("process is missing in the configuration");
  if (StringsMember(process, "args").empty()) return Refuse("process.args must not be empty");
  return RefuseAny(process, "process.", {"apparmorProfile", "selinuxLabel", "scheduler", "ioPriority", "execCPUAffinity"});
}

Status CheckConfig(const Json& config) {
  const auto version = StringMember(config, "ociVersion");
  if (!version.starts_with("1.")) return Refuse("unsupported ociVersion \"" + version + "\"");
  if (StringMember(Member(config, "root"), "path").empty()) return Refuse("root.path is missing in the configuration");
  TSC_TRY(CheckProcess(Member(config, "process")));
  TSC_TRY(CheckMounts(Member(config, "mounts")));
  TSC_TRY(RefuseAny(config, "", {"vm", "windows", "solaris", "zos"}));
  const auto& linux_part = Member(config, "linux");
  TSC_TRY(RefuseAny(linux_part, "linux.", {"intelRdt", "mountLabel", "personality", "timeOffsets", "netDevices", "memoryPolicy"}));
  TSC_TRY(RefuseAny(Member(linux_part, "seccomp"), "linux.seccomp.", {"listenerPath", "listenerMetadata"}));
  return CheckNamespaces(linux_part);
}

}  // namespace tsc
