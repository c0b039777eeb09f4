// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "cgroup_support.h"

using namespace tsc;
using namespace tsc::test;

namespace {

constexpr std::int64_t kMiB = 1 << 20;

int ForksRefused() {
  for (int i = 0; i < 10; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) Forever();
    if (pid < 0) return errno == EAGAIN ? i : 100;
  }
  return 50;
}

// Touches memory a page at a time, so that the limit is met in the middle.
int Allocate(std::int64_t bytes) {
  auto* memory =
      static_cast<char*>(::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (memory == MAP_FAILED) return 1;
  for (std::int64_t at = 0; at < bytes; at += 4096) memory[at] = 1;
  return 0;
}

double BurnFor(double seconds) {
  timespec start{}, now{}, used{};
  ::clock_gettime(CLOCK_MONOTONIC, &start);
  do ::clock_gettime(CLOCK_MONOTONIC, &now);
  while (static_cast<double>(now.tv_sec - start.tv_sec) + static_cast<double>(now.tv_nsec - start.tv_nsec) / 1e9 < seconds);
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace

TEST_CASE("cgroup limits: processes") {
  Engine engine("pids");
  if (!Has(engine, "pids")) return;
  CgroupResources resources;
  resources.pids_limit = 4;
  auto cgroup = engine->Create("a", resources);
  REQUIRE(cgroup.ok());
  const pid_t pid = Spawn(*cgroup, ForksRefused);
  CHECK(WEXITSTATUS(WaitFor(pid)) == 3);
  CHECK(cgroup->Usage()->pids_limit == 4);
  CHECK(cgroup->Usage()->pids == 3);
  CHECK(cgroup->Kill().ok());
  CHECK(Eventually([&] { return !*cgroup->Populated(); }));
}

TEST_CASE("cgroup limits: memory, with the event and the count") {
  Engine engine("memory");
  if (!Has(engine, "memory")) return;
  CgroupResources resources;
  resources.memory_limit = 16 * kMiB;
  if (engine.has("swap")) resources.memory_swap = 16 * kMiB;
  auto cgroup = engine->Create("a", resources);
  REQUIRE(cgroup.ok());
  auto watch = cgroup->WatchOom();
  REQUIRE(watch.ok());
  UniqueFd loop(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event wanted{.events = watch->events(), .data = {}}, got{};
  REQUIRE(::epoll_ctl(loop.get(), EPOLL_CTL_ADD, watch->fd(), &wanted) == 0);
  CHECK(::epoll_wait(loop.get(), &got, 1, 0) == 0);

  CHECK(WaitFor(Spawn(*cgroup, [] { return Allocate(4 * kMiB); })) == 0);
  CHECK(*watch->Kills() == 0);
  const int status = WaitFor(Spawn(*cgroup, [] { return Allocate(64 * kMiB); }));
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  CHECK(::epoll_wait(loop.get(), &got, 1, 5000) == 1);
  CHECK(Eventually([&] { return *watch->Kills() == 1; }));
  CHECK(*cgroup->OomKills() == 1);
  // The kernel holds back events that follow each other closely, so one more may come; each is over when it was read.
  CHECK(Eventually([&] { return *watch->Kills() == 1 && ::epoll_wait(loop.get(), &got, 1, 0) == 0; }));
  const auto usage = cgroup->Usage();
  CHECK(usage->oom_kills == 1);
  CHECK(usage->memory_limit_bytes == static_cast<std::uint64_t>(16 * kMiB));
  if (usage->memory_peak_bytes) CHECK(*usage->memory_peak_bytes >= static_cast<std::uint64_t>(15 * kMiB));
}

TEST_CASE("cgroup limits: memory and memory+swap are raised and lowered together") {
  Engine engine("swap");
  if (!Has(engine, "swap")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  for (const std::int64_t size : {32 * kMiB, 256 * kMiB, 8 * kMiB, 64 * kMiB, std::int64_t{-1}, 16 * kMiB}) {
    CgroupResources resources;
    resources.memory_limit = size;
    resources.memory_swap = size;
    const auto applied = cgroup->Apply(resources);
    CAPTURE(size);
    CHECK(applied.ok());
    const auto limit = cgroup->Usage()->memory_limit_bytes;
    CHECK(limit == (size < 0 ? CgroupUsage::Count() : static_cast<std::uint64_t>(size)));
  }
  CgroupResources swap_only;
  swap_only.memory_swap = 48 * kMiB;
  CHECK(cgroup->Apply(swap_only).ok());
}

TEST_CASE("cgroup limits: a memory limit below what is in use is refused when asked to look") {
  Engine engine("look");
  if (!Has(engine, "memory")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  const pid_t pid = Spawn(*cgroup, [] { return Allocate(32 * kMiB) || Forever(); });
  CHECK(Eventually([&] { return cgroup->Usage()->memory_bytes > static_cast<std::uint64_t>(30 * kMiB); }));
  CgroupResources resources;
  resources.memory_limit = 8 * kMiB;
  resources.check_before_update = true;
  CHECK(cgroup->Apply(resources).failure().error == EBUSY);
  CHECK(::waitpid(pid, nullptr, WNOHANG) == 0);
  CHECK(cgroup->Kill().ok());
  WaitFor(pid);
}

TEST_CASE("cgroup limits: cpu quota") {
  Engine engine("cpu");
  if (!Has(engine, "cpu")) return;
  CgroupResources resources;
  resources.cpu_quota = 10000;
  resources.cpu_period = 50000;
  resources.cpu_shares = 512;
  auto cgroup = engine->Create("a", resources);
  REQUIRE(cgroup.ok());
  const int percent = WEXITSTATUS(WaitFor(Spawn(*cgroup, [] { return static_cast<int>(BurnFor(1.0) * 100); })));
  CHECK(percent >= 5);
  CHECK(percent <= 40);
  const auto usage = cgroup->Usage();
  CHECK(usage->cpu_ns > 50'000'000U);
  CHECK(usage->throttled_periods > 5U);
  CHECK(usage->throttled_ns > 100'000'000U);

  CgroupResources lifted;
  lifted.cpu_quota = -1;
  CHECK(cgroup->Apply(lifted).ok());
  lifted.cpu_quota.reset();
  lifted.cpu_period = 20000;
  CHECK(cgroup->Apply(lifted).ok());
}

TEST_CASE("cgroup limits: cpuset of a container that already runs") {
  Engine engine("cpuset");
  if (!Has(engine, "cpuset")) return;
  auto cgroup = engine->Create("a", {});
  REQUIRE(cgroup.ok());
  const pid_t pid = Spawn(*cgroup, [] {
    for (int i = 0; i < 3; ++i) {
      if (::fork() == 0) Forever();
    }
    return Forever();
  });
  cpu_set_t set;
  CgroupResources resources;
  resources.cpuset_cpus = "0";
  CHECK(cgroup->Apply(resources).ok());
  CHECK(Eventually([&] { return ::sched_getaffinity(pid, sizeof set, &set) == 0 && CPU_COUNT(&set) == 1; }));
  CHECK(cgroup->Kill().ok());
  WaitFor(pid);
  CHECK(Eventually([&] { return cgroup->Remove().ok(); }));
}

TEST_CASE("cgroup limits: io rates are accepted and counted per container") {
  Engine engine("io");
  if (!Has(engine, "io")) return;
  struct stat info {};
  REQUIRE(::stat("/", &info) == 0);
  UniqueFd disk(::open("/sys/dev/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto number = std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
  if (::faccessat(disk.get(), number.c_str(), F_OK, 0) != 0) return;
  CgroupResources resources;
  resources.io.write_bps.push_back({major(info.st_dev), minor(info.st_dev), static_cast<std::uint64_t>(kMiB)});
  auto cgroup = engine->Create("a", resources);
  REQUIRE(cgroup.ok());
  CHECK(cgroup->Usage()->io.has_value());
  resources.io.write_bps[0].major = 4000;
  CHECK_FALSE(cgroup->Apply(resources).ok());
}

TEST_CASE("cgroup limits: devices on v1") {
  Engine engine("devices");
  if (!Has(engine, "devices") || ::geteuid() != 0) return;
  CgroupResources resources;
  resources.devices = {{false, 'a', {}, {}, "rwm"}, {true, 'c', 1, 3, "rw"}};
  auto cgroup = engine->Create("a", resources);
  REQUIRE(cgroup.ok());
  const auto tries = [] {
    if (::open("/dev/null", O_RDWR | O_CLOEXEC) < 0) return 1;
    return ::open("/dev/zero", O_RDONLY | O_CLOEXEC) < 0 && errno == EPERM ? 0 : 2;
  };
  CHECK(WaitFor(Spawn(*cgroup, tries)) == 0);
}

TEST_CASE("cgroup limits: raw keys on v2, and only there") {
  Engine engine("unified");
  if (!Has(engine, "memory")) return;
  CgroupResources resources;
  resources.unified = {{"memory.high", "33554432"}, {"cgroup.max.descendants", "7"}};
  auto cgroup = engine->Create("a", resources);
  if (engine->version() != CgroupVersion::kV2) {
    CHECK(cgroup.failure().object == "unified");
    CHECK(cgroup.failure().error == ENOTSUP);
    return;
  }
  REQUIRE(cgroup.ok());
  resources.unified = {{"memory.nonsense", "1"}};
  CHECK(cgroup->Apply(resources).failure().error == ENOTSUP);
}
