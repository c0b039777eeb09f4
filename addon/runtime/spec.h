// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

// The part of the OCI runtime specification (1.2) that is executed here, parsed once at the border. What a field means stands in the
// specification; a field that is known but cannot be honoured is refused by ParseSpec, an unknown one is ignored as the specification asks.
namespace tsc {

struct Rlimit {
  int resource = 0;
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

struct Capabilities {
  std::uint64_t bounding = 0, effective = 0, permitted = 0, inheritable = 0, ambient = 0;
};

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> additional_gids;
  std::optional<mode_t> umask;
  // Docker's USER ("name", "1000:staff"): looked up in the container's own /etc/passwd and /etc/group when given.
  std::string name;
  // More supplementary groups, by name or number, looked up likewise.
  std::vector<std::string> group_names;
};

struct Process {
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd = "/";
  User user;
  Capabilities capabilities;
  std::vector<Rlimit> rlimits;
  std::optional<int> oom_score_adj;
  bool no_new_privileges = true;
  bool terminal = false;
  unsigned short rows = 24, columns = 80;
};

struct Mount {
  std::string destination;
  std::string type;
  std::string source;
  std::uint64_t attr_set = 0, attr_clear = 0;  // MOUNT_ATTR_*
  std::uint64_t propagation = 0;               // MS_PRIVATE and its kin; 0 leaves the default, private
  bool bind = false;
  bool recursive = false;                                 // rbind
  bool recursive_readonly = false;                        // rro
  bool copy_up = false;                                   // tmpcopyup
  std::string subpath;                                    // "subpath=…" of a bind or an image: the part of the source that is mounted
  bool idmap = true;                                      // binds into a user namespace; off by "noidmap"
  std::vector<std::pair<std::string, std::string>> data;  // what is left, for the file system
  bool operator==(const Mount&) const = default;
};

struct Device {
  std::string path;
  mode_t type = 0;  // S_IFCHR, S_IFBLK or S_IFIFO
  unsigned major = 0, minor = 0;
  std::optional<mode_t> mode;
  uid_t uid = 0;
  gid_t gid = 0;
};

struct Namespace {
  int flag = 0;      // CLONE_NEW…
  std::string path;  // empty: a new one
};

struct IdMapping {
  std::uint32_t container = 0, host = 0, size = 0;
};

struct Spec {
  std::optional<Process> process;
  bool readonly_root = false;
  std::string hostname, domainname;
  std::vector<Mount> mounts;
  std::vector<Device> devices;
  std::vector<Namespace> namespaces;
  std::vector<IdMapping> uid_mappings, gid_mappings;
  std::vector<std::string> masked_paths, readonly_paths;
  std::vector<std::pair<std::string, std::string>> sysctls;
  std::map<std::string, std::string> annotations;

  // The namespace entry of that kind, or null when the caller's own is to be shared.
  const Namespace* namespace_of(int flag) const;
};

// CLONE_NEW… of a namespace's type in the runtime specification; 0: there is none of that name.
int NamespaceFlag(const std::string& type);
Result<Spec> ParseSpec(const nlohmann::json& config);
Result<Process> ParseProcess(const nlohmann::json& process);
// "CHOWN" …: the place is the number.
const std::vector<std::string>& CapabilityNamesInOrder();
Result<std::uint64_t> CapabilityBit(const std::string& name);

}  // namespace tsc
