// SPDX-License-Identifier: Apache-2.0
#include "supervisor/network_addresses.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "core/paths.h"

namespace tsc {
namespace {

const std::string kBlue(64, 'b'), kRed(64, 'e');

// A run directory that goes with it.
struct RunDirectory {
  RunDirectory() {
    REQUIRE(::mkdtemp(path));
    host.run_dir.reset(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~RunDirectory() {
    const UniqueFd tmp(::open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    (void)RemoveTree(tmp.get(), path + sizeof "/tmp").ok();
  }
  char path[32] = "/tmp/tsc-addresses-XXXXXX";  // mkdtemp(3) replaces the six X
  Host host;
};

IpAddress Address(const char* text) { return *ParseIpAddress(text); }

AddressOwner OwnerAt(const char* port, const char* container = "box") { return {port, container}; }

void Put(const RunDirectory& run, const char* path) {
  REQUIRE(MkdirsInRoot(run.host.run_dir.get(), "v1/endpoints", 0700).ok());
  UniqueFd(::openat(run.host.run_dir.get(), path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)).reset();
}

bool Has(const RunDirectory& run, const char* path) { return ::faccessat(run.host.run_dir.get(), path, F_OK, 0) == 0; }

using Clock = std::chrono::steady_clock;

// A process that does the same again and again, as long as this lives.
class Beside {
 public:
  explicit Beside(const std::function<void()>& work) : pid_(::fork()) {
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) work();
  }
  ~Beside() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

}  // namespace

TEST_CASE("an address is had once on a network, until whoever has it gives it back") {
  RunDirectory run;
  CHECK(ClaimAddress(run.host, kBlue, Address("10.1.0.2"), OwnerAt("one")).ok());
  CHECK(ClaimAddress(run.host, kRed, Address("10.1.0.2"), OwnerAt("two")).ok());
  CHECK(ClaimAddress(run.host, kBlue, Address("10.1.0.2"), OwnerAt("three")).failure().error == EADDRINUSE);
  ReleaseAddress(run.host, kBlue, Address("10.1.0.2"), "three");
  CHECK(ClaimAddress(run.host, kBlue, Address("10.1.0.2"), OwnerAt("three")).failure().error == EADDRINUSE);
  ReleaseAddress(run.host, kBlue, Address("10.1.0.2"), "one");
  CHECK(ClaimAddress(run.host, kBlue, Address("10.1.0.2"), OwnerAt("three")).ok());
}

TEST_CASE("whoever takes away what the dead have left takes nothing from those who claim the same just then") {
  RunDirectory run;
  const auto address = Address("10.1.0.2");
  const std::string path = "v1/addresses/" + kBlue.substr(0, 16) + "-10.1.0.2";
  REQUIRE(MkdirsInRoot(run.host.run_dir.get(), "v1/addresses", 0700).ok());
  const Beside dead([&] {
    if (ClaimAddress(run.host, kBlue, address, OwnerAt("dead", "dead")).ok()) ReleaseAddress(run.host, kBlue, address, "dead");
  });
  const Beside sweeping([&] { SweepAddresses(run.host, {"living"}); });
  int had = 0, lost = 0;
  for (const auto end = Clock::now() + std::chrono::milliseconds(1500); Clock::now() < end;) {
    if (!ClaimAddress(run.host, kBlue, address, OwnerAt("living", "living")).ok()) continue;
    ++had;
    for (int i = 0; i < 20; ++i) {
      char target[64];
      const ssize_t size = ::readlinkat(run.host.run_dir.get(), path.c_str(), target, sizeof target);
      if (size > 0 && std::string_view(target, static_cast<std::size_t>(size)) == "living living") continue;
      ++lost;
      break;
    }
    ReleaseAddress(run.host, kBlue, address, "living");
  }
  CHECK(had > 0);
  CHECK(lost == 0);
}

TEST_CASE("what was claimed is kept with its record, unless somebody else has it by then") {
  RunDirectory run;
  CHECK(ClaimAddress(run.host, kBlue, Address("10.1.0.2"), OwnerAt("one")).ok());
  CHECK(KeepAddresses(run.host, kBlue, {Address("10.1.0.2")}, "one").ok());
  CHECK(KeepAddresses(run.host, kBlue, {Address("10.1.0.2")}, "other").failure().error == EADDRINUSE);
  CHECK(KeepAddresses(run.host, kBlue, {Address("10.1.0.2"), Address("10.1.0.3")}, "one").failure().error == EADDRINUSE);
}

TEST_CASE("every address of a subnet is found free, but those that mean the host or everybody") {
  RunDirectory run;
  const IpPrefix gateway{Address("10.1.0.1"), 28};
  std::set<std::string> had;
  for (int i = 0; i < 13; ++i) {
    const auto claimed = ClaimFreeAddress(run.host, kBlue, {gateway, gateway}, OwnerAt("port"));
    REQUIRE(claimed.ok());
    CHECK(gateway.Contains(*claimed));
    had.insert(Text(*claimed));
  }
  CHECK(had.size() == 13);
  for (const char* never : {"10.1.0.0", "10.1.0.1", "10.1.0.15"}) CHECK_FALSE(had.contains(never));
  CHECK(ClaimFreeAddress(run.host, kBlue, {gateway, gateway}, OwnerAt("port")).failure().error == EADDRNOTAVAIL);
}

TEST_CASE("addresses of IPv6 keep to their prefix, whatever its length") {
  RunDirectory run;
  for (const unsigned length : {64U, 112U, 120U, 125U}) {
    const IpPrefix gateway{Address("fd00:1:2:3::1"), length};
    const auto claimed = ClaimFreeAddress(run.host, kBlue, {gateway, gateway}, OwnerAt("port"));
    REQUIRE(claimed.ok());
    CHECK(gateway.Contains(*claimed));
    CHECK(*claimed != gateway.address);
  }
}

TEST_CASE("what was claimed for a container that has died, and has no record, is free at once") {
  RunDirectory run;
  Put(run, "v1/endpoints/recorded");
  Put(run, "v1/endpoints/.begun.new");
  Put(run, "v1/endpoints/.other.new");
  CHECK(ClaimAddress(run.host, kBlue, Address("10.1.0.2"), OwnerAt("recorded", "dead")).ok());
  CHECK(ClaimAddress(run.host, kBlue, Address("10.1.0.3"), OwnerAt("begun", "dead")).ok());
  CHECK(ClaimAddress(run.host, kBlue, Address("10.1.0.4"), OwnerAt("other", "living")).ok());
  const auto is_free = [&](const char* address) { return ClaimAddress(run.host, kBlue, Address(address), OwnerAt("next", "dead")).ok(); };
  SUBCASE("told by whoever sees its monitor end") { SweepAddressesOf(run.host, "dead"); }
  SUBCASE("told by whoever knows those that live") { SweepAddresses(run.host, {"living"}); }
  CHECK_FALSE(is_free("10.1.0.2"));
  CHECK(is_free("10.1.0.3"));
  CHECK_FALSE(is_free("10.1.0.4"));
  CHECK_FALSE(Has(run, "v1/endpoints/.begun.new"));
  CHECK(Has(run, "v1/endpoints/.other.new"));
}

}  // namespace tsc
