// SPDX-License-Identifier: Apache-2.0
#include "runtime/spec.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <limits>

#include "core/json_reader.h"
#include "runtime/mount_options.h"

namespace tsc {
namespace {

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

const std::map<std::string, int>& NamespaceFlags() {
  static const std::map<std::string, int> table = {{"pid", CLONE_NEWPID},      {"network", CLONE_NEWNET}, {"mount", CLONE_NEWNS},
                                                   {"ipc", CLONE_NEWIPC},      {"uts", CLONE_NEWUTS},     {"user", CLONE_NEWUSER},
                                                   {"cgroup", CLONE_NEWCGROUP}};
  return table;
}

const std::map<std::string, int>& RlimitResources() {
  static const std::map<std::string, int> table = {
      {"RLIMIT_AS", RLIMIT_AS},           {"RLIMIT_CORE", RLIMIT_CORE},         {"RLIMIT_CPU", RLIMIT_CPU},
      {"RLIMIT_DATA", RLIMIT_DATA},       {"RLIMIT_FSIZE", RLIMIT_FSIZE},       {"RLIMIT_LOCKS", RLIMIT_LOCKS},
      {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK}, {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE}, {"RLIMIT_NICE", RLIMIT_NICE},
      {"RLIMIT_NOFILE", RLIMIT_NOFILE},   {"RLIMIT_NPROC", RLIMIT_NPROC},       {"RLIMIT_RSS", RLIMIT_RSS},
      {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},   {"RLIMIT_RTTIME", RLIMIT_RTTIME},     {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
      {"RLIMIT_STACK", RLIMIT_STACK}};
  return table;
}

std::uint64_t LimitValue(const Json& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (!value.is_number_float() || value.get<double>() >= 1.8e19) return RLIM_INFINITY;  // -1, or what JavaScript makes of 2^64-1
  return UnsignedOf(value);
}

Result<std::vector<Rlimit>> ParseRlimits(const Json& list) {
  std::vector<Rlimit> limits;
  for (const auto& item : list) {
    const auto it = RlimitResources().find(StringMember(item, "type"));
    if (it == RlimitResources().end()) return Fail("parse rlimit", EINVAL, StringMember(item, "type"));
    limits.push_back({it->second, LimitValue(Member(item, "soft")), LimitValue(Member(item, "hard"))});
  }
  return limits;
}

Result<std::uint64_t> ParseCapabilitySet(const Json& names) {
  std::uint64_t set = 0;
  for (const auto& name : names) set |= TSC_TRY(CapabilityBit(StringOf(name)));
  return set;
}

Result<Capabilities> ParseCapabilities(const Json& sets) {
  Capabilities all;
  all.bounding = TSC_TRY(ParseCapabilitySet(Member(sets, "bounding")));
  all.effective = TSC_TRY(ParseCapabilitySet(Member(sets, "effective")));
  all.permitted = TSC_TRY(ParseCapabilitySet(Member(sets, "permitted")));
  all.inheritable = TSC_TRY(ParseCapabilitySet(Member(sets, "inheritable")));
  all.ambient = TSC_TRY(ParseCapabilitySet(Member(sets, "ambient")));
  return all;
}

Result<std::uint32_t> ParseId(const Json& value) {
  if (!value.is_number_integer()) return 0u;
  const auto id = value.get<std::int64_t>();
  if (id < 0 || id >= std::numeric_limits<std::uint32_t>::max()) return Fail("parse id", EINVAL, std::to_string(id));
  return static_cast<std::uint32_t>(id);
}

Result<User> ParseUser(const Json& value) {
  User user;
  user.uid = TSC_TRY(ParseId(Member(value, "uid")));
  user.gid = TSC_TRY(ParseId(Member(value, "gid")));
  for (const auto& gid : Member(value, "additionalGids")) user.additional_gids.push_back(TSC_TRY(ParseId(gid)));
  if (Member(value, "umask").is_number()) user.umask = static_cast<mode_t>(IntMember(value, "umask")) & 0777;
  user.name = StringMember(value, "username");
  user.group_names = StringsMember(value, "groups");
  return user;
}

Result<Mount> ParseMount(const Json& value) {
  Mount mount;
  mount.destination = StringMember(value, "destination");
  mount.type = StringMember(value, "type");
  mount.source = StringMember(value, "source");
  mount.bind = mount.type == "bind";
  if (mount.destination.empty() || mount.destination[0] != '/') return Fail("parse mount", EINVAL, mount.destination);
  for (const auto& option : StringsMember(value, "options")) TSC_TRY(ApplyMountOption(option, &mount));
  // What mountinfo shows of it; its type, where nothing is said.
  const bool named = !mount.source.empty() && mount.source != mount.type;
  if (!mount.bind && named) mount.data.emplace_back("source", mount.source);
  return mount;
}

Result<Device> ParseDevice(const Json& value) {
  Device device;
  device.path = StringMember(value, "path");
  const std::string type = StringMember(value, "type");
  if (type == "c" || type == "u")
    device.type = S_IFCHR;
  else if (type == "b")
    device.type = S_IFBLK;
  else if (type == "p")
    device.type = S_IFIFO;
  else
    return Fail("parse device", EINVAL, device.path);
  device.major = static_cast<unsigned>(IntMember(value, "major"));
  device.minor = static_cast<unsigned>(IntMember(value, "minor"));
  if (Member(value, "fileMode").is_number()) device.mode = static_cast<mode_t>(IntMember(value, "fileMode")) & 07777;
  device.uid = TSC_TRY(ParseId(Member(value, "uid")));
  device.gid = TSC_TRY(ParseId(Member(value, "gid")));
  if (device.path.empty() || device.path[0] != '/') return Fail("parse device", EINVAL, device.path);
  return device;
}

Result<std::vector<IdMapping>> ParseMappings(const Json& list) {
  std::vector<IdMapping> mappings;
  for (const auto& item : list) {
    mappings.push_back(
        {TSC_TRY(ParseId(Member(item, "containerID"))), TSC_TRY(ParseId(Member(item, "hostID"))), TSC_TRY(ParseId(Member(item, "size")))});
  }
  return mappings;
}

Status ParseLinux(const Json& value, Spec* spec) {
  for (const auto& item : Member(value, "namespaces")) {
    const std::string type = StringMember(item, "type");
    const int flag = NamespaceFlag(type);
    if (flag == 0) return Fail("parse namespace", EINVAL, type);
    if (spec->namespace_of(flag)) return Fail("parse namespace", EEXIST, type);
    spec->namespaces.push_back({flag, StringMember(item, "path")});
  }
  for (const auto& item : Member(value, "devices")) spec->devices.push_back(TSC_TRY(ParseDevice(item)));
  spec->uid_mappings = TSC_TRY(ParseMappings(Member(value, "uidMappings")));
  spec->gid_mappings = TSC_TRY(ParseMappings(Member(value, "gidMappings")));
  spec->masked_paths = StringsMember(value, "maskedPaths");
  spec->readonly_paths = StringsMember(value, "readonlyPaths");
  for (const auto& [key, setting] : Member(value, "sysctl").items()) spec->sysctls.emplace_back(key, StringOf(setting));
  return {};
}

}  // namespace

int NamespaceFlag(const std::string& type) {
  const auto found = NamespaceFlags().find(type);
  return found == NamespaceFlags().end() ? 0 : found->second;
}

const Namespace* Spec::namespace_of(int flag) const {
  for (const auto& entry : namespaces)
    if (entry.flag == flag) return &entry;
  return nullptr;
}

Result<Process> ParseProcess(const Json& value) {
  if (!value.is_object()) return Fail("parse process", EINVAL);
  Process process;
  process.args = StringsMember(value, "args");
  process.env = StringsMember(value, "env");
  process.cwd = StringMember(value, "cwd", "/");
  if (process.cwd.empty() || process.cwd[0] != '/') return Fail("parse cwd", EINVAL, process.cwd);
  process.user = TSC_TRY(ParseUser(Member(value, "user")));
  process.capabilities = TSC_TRY(ParseCapabilities(Member(value, "capabilities")));
  process.rlimits = TSC_TRY(ParseRlimits(Member(value, "rlimits")));
  if (Member(value, "oomScoreAdj").is_number()) process.oom_score_adj = static_cast<int>(IntMember(value, "oomScoreAdj"));
  process.no_new_privileges = BoolMember(value, "noNewPrivileges");
  process.terminal = BoolMember(value, "terminal");
  const Json& size = Member(value, "consoleSize");
  process.rows = static_cast<unsigned short>(IntMember(size, "height", 24));
  process.columns = static_cast<unsigned short>(IntMember(size, "width", 80));
  return process;
}

Result<Spec> ParseSpec(const Json& config) {
  Spec spec;
  if (Member(config, "process").is_object()) spec.process = TSC_TRY(ParseProcess(Member(config, "process")));
  spec.readonly_root = BoolMember(Member(config, "root"), "readonly");
  spec.hostname = StringMember(config, "hostname");
  spec.domainname = StringMember(config, "domainname");
  for (const auto& item : Member(config, "mounts")) spec.mounts.push_back(TSC_TRY(ParseMount(item)));
  for (const auto& [key, value] : Member(config, "annotations").items()) spec.annotations[key] = StringOf(value);
  TSC_TRY(ParseLinux(Member(config, "linux"), &spec));
  return spec;
}

const std::vector<std::string>& CapabilityNamesInOrder() {
  // In the order of linux/capability.h.
  static const std::vector<std::string> names = {"CHOWN",
                                                 "DAC_OVERRIDE",
                                                 "DAC_READ_SEARCH",
                                                 "FOWNER",
                                                 "FSETID",
                                                 "KILL",
                                                 "SETGID",
                                                 "SETUID",
                                                 "SETPCAP",
                                                 "LINUX_IMMUTABLE",
                                                 "NET_BIND_SERVICE",
                                                 "NET_BROADCAST",
                                                 "NET_ADMIN",
                                                 "NET_RAW",
                                                 "IPC_LOCK",
                                                 "IPC_OWNER",
                                                 "SYS_MODULE",
                                                 "SYS_RAWIO",
                                                 "SYS_CHROOT",
                                                 "SYS_PTRACE",
                                                 "SYS_PACCT",
                                                 "SYS_ADMIN",
                                                 "SYS_BOOT",
                                                 "SYS_NICE",
                                                 "SYS_RESOURCE",
                                                 "SYS_TIME",
                                                 "SYS_TTY_CONFIG",
                                                 "MKNOD",
                                                 "LEASE",
                                                 "AUDIT_WRITE",
                                                 "AUDIT_CONTROL",
                                                 "SETFCAP",
                                                 "MAC_OVERRIDE",
                                                 "MAC_ADMIN",
                                                 "SYSLOG",
                                                 "WAKE_ALARM",
                                                 "BLOCK_SUSPEND",
                                                 "AUDIT_READ",
                                                 "PERFMON",
                                                 "BPF",
                                                 "CHECKPOINT_RESTORE"};
  return names;
}

Result<std::uint64_t> CapabilityBit(const std::string& name) {
  const std::string bare = name.starts_with("CAP_") ? name.substr(4) : name;
  const auto& names = CapabilityNamesInOrder();
  for (unsigned i = 0; i < names.size(); ++i)
    if (bare == names[i]) return std::uint64_t{1} << i;
  return Fail("parse capability", EINVAL, name);
}

}  // namespace tsc
