// SPDX-License-Identifier: Apache-2.0
#include "supervisor/held_namespaces.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "core/paths.h"
#include "layer_support.h"
#include "supervisor/directory_names.h"

namespace tsc {
namespace {

struct Place {
  Place() { REQUIRE(::mkdirat(directory.fd(), "v1", 0700) == 0); }
  test::TempDir directory;
};

// A process that holds what is not ours, and says so; "net" or another file.
class Holder {
 public:
  Holder(int directory, const char* held) {
    int ready[2];
    REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      const bool net = std::string(held) == "net";
      const bool made = !net || ::unshare(CLONE_NEWNET) == 0;
      const UniqueFd fd(::open(net ? "/proc/self/ns/net" : held, O_RDONLY | O_CLOEXEC));
      const auto holding = Holding::Say(directory, fd.get());
      (void)!::write(ready[1], made && holding.ok() ? "y" : "n", 1);
      ::pause();
      ::_exit(0);
    }
    const UniqueFd read_end(ready[0]);
    ::close(ready[1]);
    char said = 0;
    (void)!::read(read_end.get(), &said, 1);
    holds_ = said == 'y';
  }
  ~Holder() { End(); }
  void End() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  bool holds() const { return holds_; }
  std::string network() const { return "/proc/" + std::to_string(pid_) + "/ns/net"; }

 private:
  pid_t pid_ = -1;
  bool holds_ = false;
};

bool Is(const UniqueFd& fd, const std::string& path) {
  struct stat one {
  }, other{};
  return fd && ::fstat(fd.get(), &one) == 0 && ::stat(path.c_str(), &other) == 0 && one.st_ino == other.st_ino;
}

}  // namespace

TEST_CASE("a network namespace is found with whoever holds it, as long as it does") {
  Place place;
  CHECK_FALSE(*FindHeldNetworkNamespace(place.directory.fd()));
  Holder holder(place.directory.fd(), "net");
  if (!holder.holds()) return;  // an ordinary user makes none
  CHECK(Is(*FindHeldNetworkNamespace(place.directory.fd()), holder.network()));
  SweepHolders(place.directory.fd());
  CHECK(Is(*FindHeldNetworkNamespace(place.directory.fd()), holder.network()));
  holder.End();
  CHECK_FALSE(*FindHeldNetworkNamespace(place.directory.fd()));
  CHECK(NamesIn(place.directory.fd(), "v1/holders")->size() == 1);
  SweepHolders(place.directory.fd());
  CHECK(NamesIn(place.directory.fd(), "v1/holders")->empty());
}

TEST_CASE("what cannot be told for lack of descriptors is not taken for nobody's") {
  Place place;
  const Holder holder(place.directory.fd(), "net");
  if (!holder.holds()) return;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  // As many as are open, and then more and more of those that it takes.
  const UniqueFd next(::dup(place.directory.fd()));
  for (int more = 0; more < 4; ++more) {
    const rlimit few{static_cast<rlim_t>(next.get() + more), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    const auto found = FindHeldNetworkNamespace(place.directory.fd());
    SweepHolders(place.directory.fd());
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CAPTURE(more);
    if (found.ok())
      CHECK(Is(*found, holder.network()));
    else
      CHECK(found.failure().error == EMFILE);
    CHECK(NamesIn(place.directory.fd(), "v1/holders")->size() == 1);
  }
}

TEST_CASE("what is no network namespace, or is somebody else's number by now, is not believed") {
  Place place;
  const Holder file(place.directory.fd(), "/dev/null");
  REQUIRE(file.holds());
  CHECK_FALSE(*FindHeldNetworkNamespace(place.directory.fd()));
  REQUIRE(::symlinkat("1-3", place.directory.fd(), "v1/holders/1") == 0);  // not when it started
  REQUIRE(::symlinkat("..", place.directory.fd(), "v1/holders/x") == 0);
  CHECK_FALSE(*FindHeldNetworkNamespace(place.directory.fd()));
  SweepHolders(place.directory.fd());
  CHECK(NamesIn(place.directory.fd(), "v1/holders")->size() == 1);
}

TEST_CASE("one process at a time looks for namespaces") {
  Place place;
  auto lock = LockNamespaces(place.directory.fd());
  REQUIRE(lock.ok());
  CHECK(LockNamespaces(place.directory.fd()).failure().error == EAGAIN);
  lock->reset();
  CHECK(LockNamespaces(place.directory.fd()).ok());
}

}  // namespace tsc
