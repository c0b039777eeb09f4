// SPDX-License-Identifier: Apache-2.0
// What a worker can still do once it is shut in, as root of the host and as root of a user namespace.
#include <doctest/doctest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <functional>

#include "layer/confine.h"
#include "layer/worker.h"
#include "layer_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

enum class Where { kHost, kUserNamespace };

// Runs `work` in a confined child; what it returns is the exit status, 0 for good.
int Confined(Where where, int target, const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (where == Where::kUserNamespace) {
      if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(90);
      (void)WriteFileAt(AT_FDCWD, "/proc/self/setgroups", "deny");
      if (!WriteFileAt(AT_FDCWD, "/proc/self/uid_map", "0 0 1") || !WriteFileAt(AT_FDCWD, "/proc/self/gid_map", "0 0 1")) ::_exit(91);
    }
    const auto status = ConfineWorker(target, true);
    if (!status) {
      std::fprintf(stderr, "%s %s %s\n", status.failure().step.c_str(), status.failure().object.c_str(),
                   std::strerror(status.failure().error));
      ::_exit(92);
    }
    ::_exit(work());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

struct Cell {
  TempDir outside;
  UniqueFd target;
  Cell() {
    Shell("echo safe > " + outside.At("canary") + " && mkdir " + outside.At("t"));
    target.reset(::open(outside.At("t").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
};

bool Refused(long result) { return result < 0 && (errno == EPERM || errno == EACCES); }

constexpr Where kBoth[] = {Where::kHost, Where::kUserNamespace};

}  // namespace

TEST_CASE("nothing but the target is reachable by path") {
  for (const Where where : kBoth) {
    Cell cell;
    const int target = cell.target.get();
    const std::string canary = cell.outside.At("canary");
    CHECK(Confined(where, target, [&] {
            if (::open("/etc/passwd", O_RDONLY) >= 0 || errno != ENOENT) return 1;
            if (::open("/proc/self/status", O_RDONLY) >= 0 || errno != ENOENT) return 2;
            if (::openat(target, "../canary", O_RDONLY) >= 0) return 3;
            if (::open(canary.c_str(), O_RDONLY) >= 0) return 4;
            const int made = ::openat(target, "../../canary", O_WRONLY | O_CREAT | O_EXCL, 0600);
            return made >= 0 ? 0 : 5;
          }) == 0);
    CHECK(Content(cell.outside.At("canary")) == "safe\n");
    CHECK(Stat(cell.outside.At("t/canary")));
  }
}

TEST_CASE("system calls that the work does not need are refused") {
  for (const Where where : kBoth) {
    Cell cell;
    const pid_t parent = ::getpid();
    CHECK(Confined(where, cell.target.get(), [&] {
            char* const none[] = {nullptr};
            if (!Refused(::socket(AF_INET, SOCK_STREAM, 0))) return 1;
            if (!Refused(::execve("/bin/true", none, none))) return 2;
            if (!Refused(::mount("none", "/", "tmpfs", 0, nullptr))) return 3;
            if (!Refused(::kill(parent, 0))) return 4;
            if (!Refused(::syscall(SYS_tgkill, parent, parent, 0)) || !Refused(::fcntl(0, F_SETOWN, parent))) return 10;
            if (::fcntl(0, F_GETFL) < 0) return 11;
            if (!Refused(::unshare(CLONE_NEWUSER))) return 5;
            if (!Refused(::chroot("/"))) return 6;
            if (!Refused(::setuid(0))) return 7;
            if (::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) return 8;
            if (!Refused(::syscall(SYS_ptrace, 0, 0, 0, 0))) return 9;
            return 0;
          }) == 0);
  }
}

TEST_CASE("a layer is unpacked in there with all that belongs to it") {
  const std::string capability("\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  TarBuilder tar;
  tar.Dir("d", 0700)
      .File("d/.wh..wh..opq")
      .File("d/.wh.gone")
      .Add({.name = "suid", .mode = 04711})
      .File("d/f", std::string(3'000'000, 'x'));
  tar.Link("l/hard", "d/f").Pax(TarBuilder::Record("SCHILY.xattr.security.capability", capability)).File("cap");
  tar.Add({.name = "null", .type = '3', .mode = 0666, .major = 1, .minor = 3});
  for (const Where where : kBoth) {
    Cell cell;
    const bool host = where == Where::kHost;
    const int target = cell.target.get();
    UniqueFd input = Memory(tar.End());
    CHECK(Confined(where, target, [&] {
            std::vector<UniqueFd> fds;
            fds.push_back(std::move(input));
            fds.emplace_back(target);
            const nlohmann::json args{{"userXattr", !host}, {"devices", host}, {"singleId", !host}};
            const auto result = RunLayerWork("layer.unpack", args, std::move(fds), {});
            if (!result) {
              std::fprintf(stderr, "%s %s %s\n", result.failure().step.c_str(), result.failure().object.c_str(),
                           std::strerror(result.failure().error));
              return 1;
            }
            return (*result)["skippedDevices"] == (host ? 0 : 1) ? 0 : 2;
          }) == 0);
    const auto at = [&](const std::string& name) { return cell.outside.At("t/" + name); };
    CHECK(Xattr(at("d"), host ? "trusted.overlay.opaque" : "user.overlay.opaque") == "y");
    CHECK(IsWhiteout(at("d/gone")));
    CHECK((Stat(at("suid"))->st_mode & 07777) == 04711);
    CHECK(Stat(at("d/f"))->st_nlink == 2);
    CHECK(Xattr(at("cap"), "security.capability").size() >= 20);
    CHECK(Stat(at("null")).has_value() == host);
  }
}

TEST_CASE("trees are removed in there") {
  Cell cell;
  Shell("mkdir -p " + cell.outside.At("t/a/b/c") + " && touch " + cell.outside.At("t/a/b/f"));
  const int target = cell.target.get();
  CHECK(Confined(Where::kHost, target, [&] {
          std::vector<UniqueFd> fds;
          fds.emplace_back(target);
          return RunLayerWork("tree.remove", {{"name", "a"}}, std::move(fds), {}) ? 0 : 1;
        }) == 0);
  CHECK(!Stat(cell.outside.At("t/a")));
}

TEST_CASE("a tree that is deeper than a process has descriptors is removed") {
  Cell cell;
  UniqueFd at(::openat(cell.target.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int depth = 0; depth < 5000; ++depth) {
    REQUIRE(::mkdirat(at.get(), "d", 0755) == 0);
    at = UniqueFd(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  std::vector<UniqueFd> fds;
  fds.emplace_back(::dup(cell.target.get()));
  const pid_t child = ::fork();
  if (child == 0) ::_exit(RunConfinedLayerWork("tree.remove", {{"name", "d"}}, std::move(fds), {}) ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(!Stat(cell.outside.At("t/d")));
}

TEST_CASE("a directory of another mount namespace still becomes the root") {
  Cell cell;
  const int target = cell.target.get();
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(1);
    ::_exit(Confined(Where::kHost, target, [&] {
      if (::openat(target, "../canary", O_RDONLY) >= 0) return 2;
      return ::open("/etc/passwd", O_RDONLY) >= 0 ? 3 : 0;
    }));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("without privileges it fails with its part, and does not crash") {
  Cell cell;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
    const auto status = ConfineWorker(cell.target.get(), false);
    ::_exit(!status && status.failure().step == "confine worker" && status.failure().error == EPERM ? 0 : 2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("requests that make no sense are refused") {
  CHECK(RunLayerWork("layer.explode", {}, {}, {}).failure().error == ENOSYS);
  CHECK(RunLayerWork("layer.unpack", {}, {}, {}).failure().error == EINVAL);
  for (const std::string name : {"", ".", "..", "a/b", "/etc"}) {
    TempDir dir;
    std::vector<UniqueFd> fds;
    fds.emplace_back(::dup(dir.fd()));
    CHECK(RunLayerWork("tree.remove", {{"name", name}}, std::move(fds), {}).failure().error == EINVAL);
  }
  TempDir dir;
  std::vector<UniqueFd> fds;
  fds.push_back(Memory(""));
  fds.emplace_back(::dup(dir.fd()));
  const auto result = RunLayerWork("layer.unpack", {{"size", "big"}}, std::move(fds), {});
  CHECK(result.failure().step == "read arguments");
  CHECK(result.failure().object == "size");
}
