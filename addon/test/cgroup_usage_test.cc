// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/epoll.h>

#include "cgroup/limits.h"
#include "cgroup/pressure.h"
#include "cgroup/usage.h"
#include "cgroup_support.h"
#include "supervisor/network_usage.h"

using namespace tsc;
using namespace tsc::test;

TEST_CASE("cgroup usage: io of both versions, device by device") {
  const auto v2 = ParseIoV2("254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=7 dios=7\n7:1 \n");
  REQUIRE(v2.size() == 2);
  CHECK(v2[0].device == "254:0");
  CHECK((v2[0].read_bytes == 4096 && v2[0].written_bytes == 8192 && v2[0].reads == 1 && v2[0].writes == 2));
  CHECK((v2[1].device == "7:1" && v2[1].read_bytes == 0));
  const auto v1 = ParseIoV1("254:0 Read 4096\n254:0 Write 512\n254:0 Sync 1\n254:0 Total 4608\n8:16 Read 1\nTotal 4609\n",
                            "254:0 Read 3\n254:0 Write 1\n254:0 Total 4\nTotal 4\n");
  REQUIRE(v1.size() == 2);
  CHECK((v1[0].read_bytes == 4096 && v1[0].written_bytes == 512 && v1[0].reads == 3 && v1[0].writes == 1));
  CHECK((v1[1].device == "8:16" && v1[1].read_bytes == 1 && v1[1].reads == 0));
  CHECK(ParseIoV2("").empty());
  CHECK(ParseIoV1("Total 0\n", "").empty());
}

TEST_CASE("cgroup usage: page cache is not in use, whatever a limit does to it") {
  CHECK(MemoryInUse("1000\n", "anon 400\ninactive_file 100\nactive_file 200\n", "") == 700);
  CHECK(MemoryInUse("1000\n", "cache 1\ninactive_file 1\nactive_file 1\ntotal_inactive_file 50\ntotal_active_file 0\n", "total_") == 950);
  CHECK(MemoryInUse("1000\n", "", "") == 1000);
}

TEST_CASE("cgroup usage: pressure, with and without its second line") {
  const auto pressure = ParsePressure(
      "some avg10=1.50 avg60=0.25 avg300=0.00 total=5901\n"
      "full avg10=0.50 avg60=0.00 avg300=0.00 total=4430\n");
  REQUIRE((pressure.some && pressure.full));
  CHECK((pressure.some->avg10 == 1.5 && pressure.some->avg60 == 0.25 && pressure.some->total_us == 5901));
  CHECK((pressure.full->avg10 == 0.5 && pressure.full->total_us == 4430));
  CHECK_FALSE(ParsePressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n").full);
  CHECK_FALSE(ParsePressure("").some);
}

TEST_CASE("cgroup usage: the kernel tells when tasks wait too long") {
  Engine engine("pressure");
  if (!Has(engine, "pressure")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  CHECK(cgroup->PressureOn("cpu")->some);
  auto told = cgroup->WatchPressure({.resource = "cpu", .full = false, .stall_us = 50'000, .window_us = 2'000'000});
  REQUIRE(told.ok());
  CHECK(cgroup->WatchPressure({.resource = "cpu", .full = false, .stall_us = 3, .window_us = 2}).failure().error == EINVAL);
  UniqueFd loop(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event wanted{.events = EPOLLPRI, .data = {}}, got{};
  REQUIRE(::epoll_ctl(loop.get(), EPOLL_CTL_ADD, told->get(), &wanted) == 0);
  CHECK(::epoll_wait(loop.get(), &got, 1, 0) == 0);
  const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  for (long i = 0; i < processors + 2; ++i) {
    Spawn(*cgroup, [] {
      volatile bool busy = true;
      while (busy) {
      }
      return 0;
    });
  }
  CHECK(::epoll_wait(loop.get(), &got, 1, 30'000) == 1);
  CHECK((got.events & EPOLLERR) == 0);
  CHECK(cgroup->PressureOn("cpu")->some->total_us >= 50'000);
  CHECK(cgroup->Kill().ok());
  for (long i = 0; i < processors + 2; ++i) WaitFor(-1);
}

TEST_CASE("network usage: interfaces of /proc/net/dev") {
  const auto links = ParseNetDev(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
      "    lo:     168       2    0    0    0     0          0         0      168       2    0    0    0     0       0          0\n"
      "  eth0:1234567890123 9 1 2 3 4 5 6 77 8 5 6 0 0 0 0\n");
  REQUIRE(links.size() == 2);
  CHECK((links[0].name == "lo" && links[0].received.bytes == 168 && links[0].sent.packets == 2));
  CHECK((links[1].name == "eth0" && links[1].received.bytes == 1234567890123 && links[1].received.dropped == 2));
  CHECK((links[1].sent.bytes == 77 && links[1].sent.packets == 8 && links[1].sent.errors == 5 && links[1].sent.dropped == 6));
}
