// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cgroup/driver.h"
#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"
#include "runtime/spec.h"

namespace tsc {

struct HostOptions {
  std::string root;      // <root>: images, layers, containers
  std::string run_root;  // <run-root>: lock, sockets
  bool rootless = false;
  std::string id_map = "root";  // "root", "subids", "single"
  std::uint32_t mapped_ids = 65536;
};

// What this host lets us do, tried out once when the supervisor starts. Nothing else asks the kernel again.
struct Host {
  HostOptions options;
  UniqueFd root_dir, run_dir;
  UniqueFd store_claim;  // held as long as anybody of this run directory may have containers in the store

  // As root, containers live in user namespaces of one range of ids; `id_maps` is what each of them writes.
  bool user_namespaces = false;
  std::string no_user_namespaces_reason;
  std::vector<IdMapping> id_maps;
  // Owners of binds and layers are shown through this namespace's maps; empty where ids already agree (rootless).
  UniqueFd idmap_namespace;
  std::string layers;   // the layers directory as containers with a user namespace see it
  std::string staging;  // an empty directory of our own mount namespace
  // A small file system in memory that only we see, for files no larger than they have to be: on disks that discard, each freed block
  // costs up to milliseconds.
  std::string memory;
  UniqueFd memory_dir;

  bool overlay = true;            // mounted on the store; otherwise a container's root is a copy of its layers
  bool idmap_containers = false;  // a copied root's mount can show the containers' ids
  bool idmap_volumes = false;     // so can the mounts of volumes
  bool userxattr = false;
  bool disk_quotas = false;
  std::string kernel;
  std::unique_ptr<CgroupDriver> cgroups;

  static constexpr const char* kNothing = "/none";                  // beside it: an empty directory
  static constexpr const char* kMountPoints = "/.mount-points/fs";  // in `layers`: the lowest one of every container

  // What the ids in volumes are shifted by on the disk: nothing, where mounts do that.
  uid_t volume_shift() const { return idmap_volumes ? 0 : container_root(); }
  uid_t container_root() const { return user_namespaces && !id_maps.empty() ? id_maps[0].host : 0; }
};

// Prepares directories, the private mount namespace, id maps, cgroups. The calling process is the supervisor to be.
Result<Host> OpenHost(const HostOptions& options);

// The `hello` reply's part about the host.
Json DescribeHost(const Host& host);

}  // namespace tsc
