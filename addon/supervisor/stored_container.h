// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "supervisor/container.h"
#include "supervisor/host.h"

namespace tsc {

// A container as its files tell of it.
struct StoredContainer {
  CreateRequest request;
  std::optional<ExitInfo> exit;
  double created_at = 0;
  Json state;  // as its owner wrote it last

  // What its monitor makes of it, while it lives: it is on its networks, or comes to them by itself.
  bool WantsNetworks(const std::string& boot_id) const;
  // It has run, before the machine was started anew, and its policy wants it to run again.
  bool StartsAfterBoot(const std::string& boot_id) const;
};

Result<StoredContainer> LoadStoredContainer(const Host& host, const std::string& id);

// Writes the limits that a detached container has now into its record.
Status RecordLimits(const Host& host, const std::string& id, const Json& limits);

// Writes the places on networks that it has from its next start on.
Status RecordNetworks(const Host& host, const std::string& id, const Json& places);
Status RecordName(const Host& host, const std::string& id, const std::string& name);
Status RecordRate(const Host& host, const std::string& id, const Json& rate);
// Writes the egress policy of its own, or null.
Status RecordEgress(const Host& host, const std::string& id, const Json& egress);

// What Container::Describe would say, with `monitor` where one lives; null where there is none. For lists: nothing is checked beyond the
// JSON.
Result<Json> DescribeStored(const Host& host, const std::string& id);

Result<std::vector<std::string>> StoredContainerIds(const Host& host);

std::string MonitorSocket(const Host& host, const std::string& id);
// Somebody answers at the monitor's socket, or it cannot be told for the moment.
bool MonitorLives(const Host& host, const std::string& id);

// Whether a monitor that lives has a container which is on networks or will come to them, whatever their records say. True where it cannot
// be told for the moment.
bool NetworksAreWanted(const Host& host);

// Puts what is left of it into the trash, unless it is a detached container that is whole: true when something is there now.
bool ReclaimContainer(const Host& host, const std::string& id);

// What an earlier supervisor left when it was killed: cgroups, owned containers, staging directories. Called once, before serving. Fails
// where it cannot be told what is left and what lives.
Status Reclaim(Host* host);

// Deletes what was set aside. May take long.
void EmptyTrash(const Host& host);

}  // namespace tsc
