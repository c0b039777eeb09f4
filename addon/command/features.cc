// SPDX-License-Identifier: Apache-2.0
#include <seccomp.h>

#include "command/cgroup_place.h"
#include "command/invocation.h"
#include "command/output.h"
#include "runtime/spec.h"

namespace tsc {
namespace {

Json CapabilityNames() {
  Json names = Json::array();
  for (const auto& name : CapabilityNamesInOrder()) names.push_back("CAP_" + name);
  return names;
}

Json Seccomp() {
  return {{"enabled", true},
          {"actions",
           {"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
            "SCMP_ACT_TRACE", "SCMP_ACT_TRAP"}},
          {"operators", {"SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"}},
          {"knownFlags", {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"}},
          {"supportedFlags", {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"}}};
}

}  // namespace

// OCI runtime-spec 1.2, features.md.
Result<int> FeaturesCommand(const Invocation&) {
  const Json absent = {{"enabled", false}};
  Json features = {{"ociVersionMin", "1.0.0"}, {"ociVersionMax", kRuntimeSpecVersion}};
  features["hooks"] = {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};
  features["mountOptions"] = {"async",       "bind",       "defaults", "dev",    "diratime",    "exec",          "loud",      "noatime",
                              "nodev",       "nodiratime", "noexec",   "nomand", "norelatime",  "nostrictatime", "nosuid",    "nosymfollow",
                              "private",     "rbind",      "relatime", "ro",     "rprivate",    "rro",           "rshared",   "rslave",
                              "runbindable", "rw",         "shared",   "slave",  "strictatime", "suid",          "symfollow", "unbindable"};
  auto& platform = features["linux"];
  platform["namespaces"] = {"cgroup", "ipc", "mount", "network", "pid", "user", "uts"};
  platform["capabilities"] = CapabilityNames();
  platform["cgroup"] = {{"v1", true}, {"v2", true}, {"systemd", false}, {"systemdUser", false}, {"rdma", false}};
  platform["seccomp"] = Seccomp();
  platform["apparmor"] = absent;
  platform["selinux"] = absent;
  platform["intelRdt"] = absent;
  platform["mountExtensions"] = {{"idmap", absent}};
  features["potentiallyUnsafeConfigAnnotations"] = Json::array();
  TSC_TRY(PrintJson(features, 2));
  return 0;
}

}  // namespace tsc
