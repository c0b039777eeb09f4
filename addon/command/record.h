// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/result.h"
#include "core/unique_fd.h"

namespace tsc {

// What is known of a container between two calls: <root>/<id>/state.json, replaced by rename, and start.sock while it waits to be started.
struct Record {
  std::string id;
  std::string bundle;               // absolute
  std::string rootfs;               // absolute
  std::string created;              // RFC 3339
  pid_t pid = 0;                    // 0: nothing of it runs yet
  std::uint64_t started = 0;        // start time of that process, which tells it from a later one of the same number
  std::string cgroup_base, cgroup;  // its directory is <base>/<cgroup>; empty: it has none
  bool complete = false;            // create was done
  Json config;                      // config.json as it was
};

enum class ContainerStatus { kCreating, kCreated, kRunning, kPaused, kStopped };
const char* NameOf(ContainerStatus status);

// Letters, digits and "_+-.", at most 1024, neither "." nor "..".
Status CheckId(const std::string& id);

// A container's own directory, open; what is in it is named relative to it.
struct RecordPlace {
  UniqueFd directory;
  Record record;

  Status Save() const;
  // Reads the frozen state of its cgroup where it is alive.
  ContainerStatus status() const;
  // OCI runtime-spec, "State".
  Json State(ContainerStatus status) const;
  bool alive() const;
  // EPERM-safe handle on its first process; ESRCH: it has ended.
  Result<UniqueFd> OpenProcess() const;
};

// Fails where there is one of that id.
Result<RecordPlace> MakeRecord(const std::string& root, const Record& record);
Result<RecordPlace> OpenRecord(const std::string& root, const std::string& id);
Status RemoveRecord(const std::string& root, const std::string& id);
Result<std::vector<std::string>> ListRecords(const std::string& root);

// Field 22 of /proc/<pid>/stat. ESRCH: no such process, or it is a zombie.
Result<std::uint64_t> ProcessStartTime(pid_t pid);

}  // namespace tsc
