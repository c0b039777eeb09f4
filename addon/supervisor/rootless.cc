// SPDX-License-Identifier: Apache-2.0
#include "supervisor/rootless.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "core/paths.h"
#include "core/string_pointers.h"
#include "core/unique_fd.h"
#include "supervisor/id_range.h"
#include "supervisor/privilege.h"

namespace tsc {
namespace {

constexpr std::uint32_t kMostIds = 65536;
constexpr unsigned kHelperSeconds = 8;

// Absolute, so that no PATH of the caller's chooses what runs with set-user-ID rights.
const char* Helper(const char* name) {
  static const char* const kDirectories[] = {"/usr/bin/", "/bin/", "/usr/local/bin/"};
  static std::string found;
  for (const char* directory : kDirectories) {
    found = std::string(directory) + name;
    struct stat info {};
    if (::stat(found.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0111)) return found.c_str();
  }
  return nullptr;
}

Status RunHelper(const char* name, pid_t target, std::uint32_t own, const IdRange& range, std::uint32_t count) {
  const char* path = Helper(name);
  if (!path) return Fail("find helper", ENOENT, name);
  const std::string command = path;
  const pid_t child = ::fork();
  if (child < 0) return Errno("fork");
  if (child == 0) {
    const std::vector<std::string> words = {
        name, std::to_string(target), "0", std::to_string(own), "1", "1", std::to_string(range.first), std::to_string(count - 1)};
    char* const none[] = {nullptr};
    ::execve(command.c_str(), StringPointers(words).data(), none);
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return Fail("map ids", EPERM, name);
  return {};
}

Status WriteSingleMaps(pid_t target, uid_t uid, gid_t gid) {
  const std::string proc = "/proc/" + std::to_string(target);
  const UniqueFd dir(::open(proc.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return Errno("open", proc);
  TSC_TRY(WriteFileAt(dir.get(), "setgroups", "deny"));
  TSC_TRY(WriteFileAt(dir.get(), "uid_map", "0 " + std::to_string(uid) + " 1\n"));
  return WriteFileAt(dir.get(), "gid_map", "0 " + std::to_string(gid) + " 1\n");
}

Status WriteOwnMaps(pid_t target, unsigned count) {
  const std::string proc = "/proc/" + std::to_string(target);
  const UniqueFd dir(::open(proc.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return Errno("open", proc);
  const std::string map = "0 0 1\n" + (count > 1 ? "1 1 " + std::to_string(count - 1) + "\n" : std::string());
  TSC_TRY(WriteFileAt(dir.get(), "uid_map", map));
  return WriteFileAt(dir.get(), "gid_map", map);
}

Status WriteSubordinateMaps(pid_t target, const RootlessMaps& maps, uid_t uid, gid_t gid) {
  if (maps.own) return WriteOwnMaps(target, maps.mapped_ids);
  const std::string name = UserName(uid);
  const auto uids = SubordinateRange("/etc/subuid", uid, name);
  const auto gids = SubordinateRange("/etc/subgid", uid, name);
  if (!uids || !gids) return Fail("map ids", ENOENT, "/etc/subuid");
  TSC_TRY(RunHelper("newuidmap", target, uid, *uids, maps.mapped_ids));
  return RunHelper("newgidmap", target, gid, *gids, maps.mapped_ids);
}

// What the writer of the maps tells whom they are for.
struct Written {
  int error = 0;
  bool single = false;
  char reason[64] = {};
};

// newuidmap is refused where no_new_privs or a nosuid mount takes its rights away. Once it has written, there is no second map.
Written WriteMaps(pid_t target, const RootlessMaps& maps, uid_t uid, gid_t gid) {
  Written written;
  if (maps.id_map != "single") {
    const auto mapped = WriteSubordinateMaps(target, maps, uid, gid);
    if (mapped.ok()) return written;
    std::snprintf(written.reason, sizeof written.reason, "%s %s", mapped.failure().step.c_str(), mapped.failure().object.c_str());
  }
  written.single = true;
  const auto mapped = WriteSingleMaps(target, uid, gid);
  if (!mapped.ok()) written.error = mapped.failure().error;
  return written;
}

Result<RootlessMaps> BecomeRoot(RootlessMaps maps) {
  if (maps.id_map == "subids" && ::setgroups(0, nullptr) != 0) return Errno("setgroups");
  if (::setresgid(0, 0, 0) != 0) return Errno("setgid", "0");
  if (::setresuid(0, 0, 0) != 0) return Errno("setuid", "0");
  return maps;
}

bool MayMapOwnIds() {
  return ::getuid() == 0 && HasCapability(CAP_SETUID) && HasCapability(CAP_SETGID) && HasCapability(CAP_SETFCAP) && MappedIds() > 1;
}

}  // namespace

RootlessMaps FindRootlessMaps() {
  if (MayMapOwnIds()) return {"subids", MappedIds(), true, {}};
  const std::string name = UserName(::getuid());
  const auto uids = SubordinateRange("/etc/subuid", ::getuid(), name);
  const auto gids = SubordinateRange("/etc/subgid", ::getuid(), name);
  if (!uids || !gids) return {"single", 1, false, std::string("no range in ") + (uids ? "/etc/subgid" : "/etc/subuid")};
  for (const char* helper : {"newuidmap", "newgidmap"})
    if (!Helper(helper)) return {"single", 1, false, std::string("no ") + helper};
  return {"subids", std::min({kMostIds, uids->count + 1, gids->count + 1}), false, {}};
}

Result<RootlessMaps> EnterUserNamespace(RootlessMaps maps) {
  const uid_t uid = ::getuid();
  const gid_t gid = ::getgid();
  int ready[2], result[2];
  if (::pipe2(ready, O_CLOEXEC) != 0 || ::pipe2(result, O_CLOEXEC) != 0) return Errno("pipe");
  UniqueFd ready_read(ready[0]), ready_write(ready[1]), result_read(result[0]), result_write(result[1]);
  const pid_t target = ::getpid();
  const pid_t outside = ::fork();
  if (outside < 0) return Errno("fork");
  if (outside == 0) {
    ready_write.reset();
    char byte = 0;
    if (::read(ready_read.get(), &byte, 1) != 1) ::_exit(1);
    const Written written = WriteMaps(target, maps, uid, gid);
    (void)!::write(result_write.get(), &written, sizeof written);
    ::_exit(0);
  }
  result_write.reset();
  if (::unshare(CLONE_NEWUSER) != 0) {
    const auto failure = Errno("unshare", "user namespace");
    ready_write.reset();
    ::waitpid(outside, nullptr, 0);
    return failure;
  }
  (void)!::write(ready_write.get(), "u", 1);
  // A helper that does not come back is the end of this start, not of all that come after it: they would wait for the lock that we hold.
  ::alarm(kHelperSeconds);
  Written written{EPIPE, false, {}};
  (void)!::read(result_read.get(), &written, sizeof written);
  ::waitpid(outside, nullptr, 0);
  ::alarm(0);
  if (written.error != 0) return Fail("map ids", written.error, maps.id_map);
  if (written.single && maps.id_map != "single") maps = {"single", 1, false, written.reason};
  return BecomeRoot(std::move(maps));
}

Result<RootlessMaps> JoinUserNamespace(const UniqueFd& user_namespace) {
  if (::setns(user_namespace.get(), CLONE_NEWUSER) != 0) return Errno("join user namespace");
  const unsigned mapped = MappedIds();
  if (mapped == 0) return Fail("join user namespace", EPERM, "uid_map");
  return BecomeRoot({mapped > 1 ? "subids" : "single", mapped, false, {}});
}

}  // namespace tsc
