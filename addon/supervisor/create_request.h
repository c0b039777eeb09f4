// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cgroup/pressure.h"
#include "cgroup/resources.h"
#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "network/dns_policy.h"
#include "runtime/seccomp.h"
#include "runtime/spec.h"
#include "supervisor/create_template.h"
#include "supervisor/image_mount.h"
#include "supervisor/main_stdio.h"
#include "supervisor/network_options.h"
#include "supervisor/supervision_options.h"
#include "supervisor/traffic_shape.h"
#include "supervisor/volume_use.h"

namespace tsc {

// Whose namespaces are shared, and which.
struct JoinRequest {
  std::string container;
  int kinds = 0;   // CLONE_NEW…, the user namespace not among them
  UniqueFd pidfd;  // of its first process, where another process owns it
};

// A file that is in memory alone, bound over a path of the container and read-only there: a secret. Or, without a content, a socket that
// the creator accepts connections from.
struct MemoryFile {
  std::string path;
  std::optional<std::string> content;
  mode_t mode = 0400;
  uid_t uid = 0;
  gid_t gid = 0;
};

// The `create` message of docs/protocol.md, checked.
struct CreateRequest {
  std::string id, name;
  std::string text;                    // the message as it came: the record on disk, empty once that is written
  std::shared_ptr<const Json> record;  // the creator's own, given back as it was
  Spec spec;
  CgroupResources resources;
  std::shared_ptr<const Json> limits;  // the same as it came: updates are merged into it
  std::vector<PressureTrigger> pressure;
  std::uint64_t disk_quota = 0;     // bytes; 0: none
  std::vector<std::string> layers;  // hex diffIDs, lowest first
  std::string root_layer;           // the layer whose root directory is the container's; empty: none
  std::vector<VolumeUse> volumes;
  MountedImages images;
  bool host_usr = false;
  bool user_namespace = true;
  bool init = true, idle = false, detached = false, auto_remove = false;
  int stop_signal = 15;
  std::int64_t stop_timeout_ms = 10'000;
  LogOptions log;
  SupervisionOptions supervision;
  std::string seccomp_key;
  std::shared_ptr<const SeccompProgram> seccomp;
  std::vector<std::pair<std::string, std::string>> etc;  // "hosts" → text: bound over /etc/hosts
  std::vector<NetworkPlace> networks;
  std::vector<PortRequest> ports;  // of the host; free ones are known by their number from the first start on
  Rate rate;
  Json labels = Json::object();
  JoinRequest join;
  std::optional<EgressPolicy> egress;              // in the place of those of its networks
  std::optional<std::vector<IpAddress>> resolver;  // name servers for what is no container's name; none: its programs ask nobody
  std::vector<dns::Link> links;                    // names of its own for other containers
  std::vector<MemoryFile> memory_files;            // of a container that is not detached: its request is on no disk
  bool etc_readonly = false;                       // for the container
  bool root_devices = false;                       // device nodes in its root can be opened
  bool hidden = false;                             // lists do not have it, and of its events only its owner hears
  UniqueFd standard_input;                         // what the first start reads
  bool open_input = false;                         // the input is whatever attachments write
};

// `common`: what is not in the message itself then, but the hostname.
Result<CreateRequest> ParseCreateRequest(const Json& message, std::string text, std::vector<UniqueFd>* descriptors,
                                         const CreateTemplate* common = nullptr);

// 64 hexadecimal digits. Everything that becomes a name below our directories passes here first.
bool IsId(const std::string& text);
// Docker's rule: [a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}
bool IsName(const std::string& text);

// Takes the descriptor that `message` names under `key`; empty when it names none.
Result<UniqueFd> TakeDescriptor(const Json& message, const char* key, std::vector<UniqueFd>* descriptors);

}  // namespace tsc
