// SPDX-License-Identifier: Apache-2.0
#include "supervisor/stored_container.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/paths.h"
#include "layer/deep_tree.h"
#include "supervisor/boot_id.h"
#include "supervisor/container_names.h"
#include "supervisor/directory_names.h"
#include "supervisor/disk_quota.h"
#include "supervisor/networks.h"
#include "supervisor/unix_socket.h"
#include "supervisor/volume_store.h"

namespace tsc {
namespace {

Result<Json> ReadJson(const Host& host, const std::string& path) {
  const auto text = TSC_TRY(ReadFileAt(host.root_dir.get(), path.c_str(), 64 << 20));
  return Json::parse(text, nullptr, false);
}

// Where it is for the moment only that it cannot be read, the failure.
Result<Json> ReadIfThere(const Host& host, const std::string& path) {
  auto json = ReadJson(host, path);
  if (json.ok() || IsOfTheMoment(json.failure().error)) return json;
  return Json();
}

ExitInfo ParseExit(const Json& json) {
  ExitInfo exit;
  exit.code = static_cast<int>(IntMember(json, "code", 137));
  if (Member(json, "signal").is_number()) exit.signal = static_cast<int>(IntMember(json, "signal"));
  exit.oom_killed = BoolMember(json, "oomKilled");
  if (Member(json, "startedAt").is_number()) exit.started_at = Member(json, "startedAt").get<double>();
  if (Member(json, "finishedAt").is_number()) exit.finished_at = Member(json, "finishedAt").get<double>();
  exit.error = StringMember(json, "error");
  return exit;
}

ExitInfo LostExit() {
  ExitInfo exit;
  exit.code = 137;
  exit.signal = SIGKILL;
  exit.finished_at = NowMs();
  exit.error = "the monitor of this container was killed, and the container with it";
  return exit;
}

void RemoveEntry(const Host& host, const char* directory, const std::string& name) {
  const UniqueFd dir(::openat(host.root_dir.get(), directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (dir) (void)RemoveTree(dir.get(), name.c_str()).ok();
}

// A container is there when its name leads to it: that comes last when it is made, and goes first when it is removed.
Result<bool> IsNamed(const Host& host, const std::string& name, const std::string& id) { return TSC_TRY(ContainerNamed(host, name)) == id; }

bool IsGone(const Host& host, const std::string& id) {
  return ::faccessat(host.root_dir.get(), ("containers/" + id).c_str(), F_OK, 0) != 0 && errno == ENOENT;
}

// Of two names that lead to one container, who renamed it was killed in between: its record has the one that counts.
void KeepOneName(const Host& host, const std::string& id, const std::vector<std::string>& names) {
  if (names.size() < 2) return;
  const auto record = ReadIfThere(host, "containers/" + id + "/container.json");
  const std::string its = record.ok() ? StringMember(*record, "name") : "";
  if (std::find(names.begin(), names.end(), its) == names.end()) return;
  for (const auto& name : names)
    if (name != its) RemoveEntry(host, "names", name);
}

Status ReclaimNames(const Host& host, const std::set<std::string>& living) {
  std::map<std::string, std::vector<std::string>> of;
  for (const auto& name : TSC_TRY(NamesIn(host.root_dir.get(), "names"))) {
    const auto id = ContainerNamed(host, name);
    if (!id.ok()) continue;  // what cannot be told is left for the next who looks
    if (id->empty() || IsGone(host, *id))
      RemoveEntry(host, "names", name);
    else
      of[*id].push_back(name);
  }
  for (const auto& [id, names] : of)
    if (!living.contains(id)) KeepOneName(host, id, names);
  return {};
}

Status ReclaimContainers(const Host& host, const std::set<std::string>& living) {
  for (const auto& id : TSC_TRY(NamesIn(host.root_dir.get(), "containers")))
    if (!living.contains(id)) ReclaimContainer(host, id);
  return ReclaimNames(host, living);
}

Status SetAside(const Host& host, const std::string& directory) {
  const int root = host.root_dir.get();
  for (const auto& name : TSC_TRY(NamesIn(root, directory.c_str()))) {
    const std::string aside = "trash/" + name + "-" + std::to_string(::getpid());
    if (::renameat(root, (directory + "/" + name).c_str(), root, aside.c_str()) != 0) RemoveEntry(host, directory.c_str(), name);
  }
  return {};
}

// Changes the record of a detached container.
Status Record(const Host& host, const std::string& id, const std::function<void(Json* message)>& change) {
  const std::string base = "containers/" + id;
  Json message = TSC_TRY(ReadIfThere(host, base + "/container.json"));
  if (!message.is_object()) return Fail("read container record", EBADMSG, id);
  change(&message);
  const UniqueFd dir(::openat(host.root_dir.get(), base.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!dir) return Errno("open container directory", id);
  return WriteFileAtomic(dir.get(), "container.json", message.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<bool> LeadsTo(const Host& host, const std::string& id) {
  for (const auto& name : TSC_TRY(NamesIn(host.root_dir.get(), "names")))
    if (TSC_TRY(IsNamed(host, name, id))) return true;
  return false;
}

// Whether it was whole once: its record is there, and a name leads to it.
Result<bool> WasWhole(const Host& host, const std::string& id) {
  if (!IsId(id)) return false;
  if (::faccessat(host.root_dir.get(), ("containers/" + id + "/container.json").c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    return LeadsTo(host, id);
  if (IsOfTheMoment(errno)) return Errno("find container record", id);
  return false;
}

// What was whole once and is damaged now may hold what somebody needs: it is kept where nothing of ours looks, and its name is free.
bool Quarantine(const Host& host, const std::string& id) {
  const int root = host.root_dir.get();
  (void)::mkdirat(root, "quarantine", 0700);
  return ::renameat(root, ("containers/" + id).c_str(), root, ("quarantine/" + id).c_str()) == 0;
}

}  // namespace

bool ReclaimContainer(const Host& host, const std::string& id) {
  const auto stored = IsId(id) ? LoadStoredContainer(host, id) : Result<StoredContainer>(Fail("parse id", EINVAL, id));
  // A detached container outlives everything but its removal.
  if (stored.ok() && stored->request.detached) return false;
  if (!stored.ok()) {
    const auto was_whole = WasWhole(host, id);
    // It may be one: the next supervisor can tell.
    if (IsOfTheMoment(stored.failure().error) || !was_whole.ok()) return false;
    if (*was_whole && Quarantine(host, id)) return false;
  }
  const int root = host.root_dir.get();
  if (host.disk_quotas) ClearDiskQuota(root, "containers/" + id);
  if (::renameat(root, ("containers/" + id).c_str(), root, ("trash/" + id).c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  RemoveEntry(host, "containers", id);
  return false;
}

Result<std::vector<std::string>> StoredContainerIds(const Host& host) {
  auto names = TSC_TRY(NamesIn(host.root_dir.get(), "containers"));
  std::erase_if(names, [](const std::string& name) { return !IsId(name); });
  return names;
}

std::string MonitorSocket(const Host& host, const std::string& id) { return host.options.run_root + "/v1/monitors/" + id + ".sock"; }

bool MonitorLives(const Host& host, const std::string& id) {
  const auto connected = ConnectUnix(host.run_dir.get(), "v1/monitors/" + id + ".sock");
  if (connected.ok()) return true;
  // Only these say that nobody is there. Without a descriptor to ask with, or where too many ask at once, it lives: else its container
  // would be killed.
  const int error = connected.failure().error;
  return error != ENOENT && error != ECONNREFUSED;
}

bool NetworksAreWanted(const Host& host) {
  const auto sockets = NamesIn(host.run_dir.get(), "v1/monitors");
  if (!sockets.ok()) return true;
  return std::any_of(sockets->begin(), sockets->end(), [&](const std::string& socket) {
    const std::string id = socket.substr(0, socket.find('.'));
    if (!IsId(id) || !MonitorLives(host, id)) return false;
    const auto stored = LoadStoredContainer(host, id);
    return stored.ok() ? stored->WantsNetworks(BootId()) : IsOfTheMoment(stored.failure().error);
  });
}

Result<StoredContainer> LoadStoredContainer(const Host& host, const std::string& id) {
  const std::string base = "containers/" + id;
  const Json message = TSC_TRY(ReadIfThere(host, base + "/container.json"));
  if (!message.is_object()) return Fail("read container record", EBADMSG, id);
  std::vector<UniqueFd> none;
  Json without_input = message;
  without_input.erase("stdin");
  StoredContainer stored;
  stored.request = TSC_TRY(ParseCreateRequest(without_input, {}, &none));
  if (!TSC_TRY(IsNamed(host, stored.request.name, id))) return Fail("read container record", ENOENT, id);
  stored.state = TSC_TRY(ReadIfThere(host, base + "/state.json"));
  const Json& state = stored.state;
  const auto restart = ParseRestartPolicy(Member(state, "restart"));
  if (restart.ok() && state.contains("restart")) stored.request.supervision.restart = *restart;
  if (Member(state, "createdAt").is_number()) stored.created_at = Member(state, "createdAt").get<double>();
  stored.exit = Member(state, "exit").is_object() ? ParseExit(Member(state, "exit")) : LostExit();
  return stored;
}

bool StoredContainer::StartsAfterBoot(const std::string& boot_id) const {
  const std::string written = StringMember(state, "bootId");
  if (!request.detached || written.empty() || written == boot_id || !Member(state, "startedAt").is_number()) return false;
  return tsc::StartsAfterBoot(request.supervision.restart, BoolMember(state, "stoppedByUser"));
}

bool StoredContainer::WantsNetworks(const std::string& boot_id) const {
  if (request.networks.empty()) return false;
  return StringMember(state, "state") != "stopped" || Member(state, "nextRestartAt").is_number() || StartsAfterBoot(boot_id);
}

Status RecordLimits(const Host& host, const std::string& id, const Json& limits) {
  return Record(host, id, [&](Json* message) { (*message)["spec"]["linux"]["resources"] = limits; });
}

Status RecordNetworks(const Host& host, const std::string& id, const Json& places) {
  return Record(host, id, [&](Json* message) { (*message)["networks"] = places; });
}

Status RecordName(const Host& host, const std::string& id, const std::string& name) {
  return Record(host, id, [&](Json* message) { (*message)["name"] = name; });
}

Status RecordRate(const Host& host, const std::string& id, const Json& rate) {
  return Record(host, id, [&](Json* message) { (*message)["rate"] = rate; });
}

Status RecordEgress(const Host& host, const std::string& id, const Json& egress) {
  return Record(host, id, [&](Json* message) { (*message)["egress"] = egress; });
}

Result<Json> DescribeStored(const Host& host, const std::string& id) {
  const Json message = TSC_TRY(ReadIfThere(host, "containers/" + id + "/container.json"));
  if (!message.is_object() || !TSC_TRY(IsNamed(host, StringMember(message, "name"), id))) return Json();
  Json description = TSC_TRY(ReadIfThere(host, "containers/" + id + "/state.json"));
  if (!description.is_object())
    description = {{"state", "created"}, {"pid", nullptr}, {"exit", nullptr}, {"createdAt", 0}, {"startedAt", nullptr}};
  description["id"] = id;
  description["name"] = Member(message, "name");
  description["record"] = Member(message, "record");
  description["detached"] = BoolMember(message, "detached");
  if (MonitorLives(host, id)) {
    description["monitor"] = MonitorSocket(host, id);
    return description;
  }
  description["nextRestartAt"] = nullptr;
  if (Member(description, "health").is_object()) description["health"]["status"] = HealthStatusName(HealthStatus::kUnhealthy);
  if (StringMember(description, "state") != "stopped") {
    description["state"] = "stopped";
    description["pid"] = nullptr;
    description["exit"] = ExitJson(LostExit());
  }
  return description;
}

Status Reclaim(Host* host) {
  std::set<std::string> living;
  for (const auto& socket : TSC_TRY(NamesIn(host->run_dir.get(), "v1/monitors"))) {
    const std::string id = socket.substr(0, socket.find('.'));
    if (MonitorLives(*host, id))
      living.insert(id);
    else
      ::unlinkat(host->run_dir.get(), ("v1/monitors/" + socket).c_str(), 0);
  }
  (void)host->cgroups->Reclaim([&](std::string_view name) { return name.starts_with(".") || living.contains(std::string(name)); }).ok();
  TSC_TRY(ReclaimContainers(*host, living));
  SweepVolumes(*host);
  TSC_TRY(ReclaimNetworks(*host, living));
  // Half-done layers may be large: they are only set aside here.
  for (const char* directory : {"tmp", "parked"}) TSC_TRY(SetAside(*host, directory));
  return {};
}

void EmptyTrash(const Host& host) {
  const UniqueFd trash(::openat(host.root_dir.get(), "trash", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto names = NamesIn(host.root_dir.get(), "trash");
  // A container may have made a tree that is deeper than a process has descriptors.
  if (trash && names.ok())
    for (const auto& name : *names) (void)RemoveDeepTree(trash.get(), name.c_str()).ok();
}

}  // namespace tsc
