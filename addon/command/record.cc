// SPDX-License-Identifier: Apache-2.0
#include "command/record.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "command/cgroup_place.h"
#include "command/sentence.h"
#include "command/start_gate.h"
#include "core/paths.h"
#include "core/syscalls.h"

namespace tsc {
namespace {

constexpr const char* kFile = "state.json";

Status MakeRoot(const std::string& root) {
  for (std::size_t at = 1; at <= root.size(); ++at) {
    at = std::min(root.find('/', at), root.size());
    const auto part = root.substr(0, at);
    if (::mkdir(part.c_str(), at == root.size() ? 0700 : 0755) != 0 && errno != EEXIST) return Errno("mkdir", part);
  }
  return {};
}

Result<UniqueFd> OpenDirectory(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return Errno("open", path);
  return fd;
}

Record Parse(const std::string& id, const Json& json) {
  Record record;
  record.id = id;
  record.bundle = StringMember(json, "bundle");
  record.rootfs = StringMember(json, "rootfs");
  record.created = StringMember(json, "created");
  record.pid = static_cast<pid_t>(IntMember(json, "pid"));
  record.started = static_cast<std::uint64_t>(IntMember(json, "started"));
  record.cgroup_base = StringMember(json, "cgroupBase");
  record.cgroup = StringMember(json, "cgroup");
  record.complete = BoolMember(json, "complete");
  record.config = Member(json, "config");
  return record;
}

}  // namespace

const char* NameOf(ContainerStatus status) {
  static constexpr const char* kNames[] = {"creating", "created", "running", "paused", "stopped"};
  return kNames[static_cast<int>(status)];
}

Status CheckId(const std::string& id) {
  const auto fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_+-.").find(c) != std::string::npos;
  };
  if (id.empty()) return Refuse("container id cannot be empty");
  if (id.size() > 1024 || id == "." || id == ".." || !std::all_of(id.begin(), id.end(), fine))
    return Refuse("invalid container id \"" + id + "\"");
  return {};
}

Status RecordPlace::Save() const {
  const Json json = {{"id", record.id},
                     {"bundle", record.bundle},
                     {"rootfs", record.rootfs},
                     {"created", record.created},
                     {"pid", record.pid},
                     {"started", record.started},
                     {"cgroup", record.cgroup},
                     {"cgroupBase", record.cgroup_base},
                     {"complete", record.complete},
                     {"config", record.config}};
  return WriteFileAtomic(directory.get(), kFile, json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

bool RecordPlace::alive() const {
  if (record.pid == 0) return false;
  const auto started = ProcessStartTime(record.pid);
  return started.ok() && *started == record.started;
}

ContainerStatus RecordPlace::status() const {
  if (!alive()) return ContainerStatus::kStopped;
  if (!record.complete) return ContainerStatus::kCreating;
  if (IsGateShut(directory.get())) return ContainerStatus::kCreated;
  return IsFrozen(record) ? ContainerStatus::kPaused : ContainerStatus::kRunning;
}

Json RecordPlace::State(ContainerStatus status) const {
  Json state = {{"ociVersion", kRuntimeSpecVersion}, {"id", record.id}, {"status", NameOf(status)}, {"bundle", record.bundle}};
  state["pid"] = status == ContainerStatus::kStopped ? 0 : record.pid;
  if (const auto& annotations = Member(record.config, "annotations"); annotations.is_object()) state["annotations"] = annotations;
  return state;
}

Result<UniqueFd> RecordPlace::OpenProcess() const {
  UniqueFd process(record.pid > 0 ? sys::pidfd_open(record.pid) : -1);
  if (!process || !alive()) return Fail("open process", ESRCH, std::to_string(record.pid));
  return process;
}

Result<RecordPlace> MakeRecord(const std::string& root, const Record& record) {
  TSC_TRY(MakeRoot(root));
  const auto path = root + "/" + record.id;
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno == EEXIST) return Refuse("container with id exists: " + record.id);
    return Errno("mkdir", path);
  }
  RecordPlace place{TSC_TRY(OpenDirectory(path)), record};
  TSC_TRY(place.Save());
  return place;
}

Result<RecordPlace> OpenRecord(const std::string& root, const std::string& id) {
  TSC_TRY(CheckId(id));
  auto directory = OpenDirectory(root + "/" + id);
  if (!directory.ok()) return directory.failure().error == ENOENT ? Refuse("container does not exist: " + id) : directory.failure();
  const auto text = ReadFileAt(directory->get(), kFile, 16 << 20);
  // Whoever made it was killed before its first word.
  if (!text.ok() && text.failure().error == ENOENT) return RecordPlace{std::move(*directory), Parse(id, Json::object())};
  if (!text.ok()) return text.failure();
  const auto json = Json::parse(*text, nullptr, false);
  if (!json.is_object()) return Refuse("the record of container " + id + " is damaged");
  return RecordPlace{std::move(*directory), Parse(id, json)};
}

Status RemoveRecord(const std::string& root, const std::string& id) {
  const auto directory = TSC_TRY(OpenDirectory(root));
  return RemoveTree(directory.get(), id.c_str());
}

Result<std::vector<std::string>> ListRecords(const std::string& root) {
  std::vector<std::string> ids;
  DIR* list = ::opendir(root.c_str());
  if (!list) return errno == ENOENT ? Result<std::vector<std::string>>(ids) : Errno("open", root);
  while (const dirent* entry = ::readdir(list))
    if (entry->d_type == DT_DIR && CheckId(entry->d_name).ok()) ids.emplace_back(entry->d_name);
  ::closedir(list);
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<std::uint64_t> ProcessStartTime(pid_t pid) {
  const auto path = "/proc/" + std::to_string(pid) + "/stat";
  const auto text = ReadFileAt(AT_FDCWD, path.c_str(), 4096);
  // The name, in parentheses, may hold anything; the state is the first field behind it.
  const auto end = text.ok() ? text->rfind(") ") : std::string::npos;
  if (end == std::string::npos || (*text)[end + 2] == 'Z' || (*text)[end + 2] == 'X')
    return Fail("find process", ESRCH, std::to_string(pid));
  std::size_t at = end + 2;
  for (int field = 3; field < 22 && at != std::string::npos; ++field) at = text->find(' ', at + 1);
  return at == std::string::npos ? 0 : std::strtoull(text->c_str() + at, nullptr, 10);
}

}  // namespace tsc
