// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cgroup/limits.h"
#include "cgroup/mounts.h"
#include "cgroup/oom_watch.h"
#include "cgroup/resources.h"

using nlohmann::json;
using tsc::ParseCgroupMounts;
using tsc::ParseResources;

namespace {

std::string ErrorOf(const json& resources) {
  const auto parsed = ParseResources(resources);
  return parsed ? "" : parsed.failure().object;
}

}  // namespace

TEST_CASE("cgroup mounts: a hybrid host with co-mounted hierarchies") {
  const auto mounts = ParseCgroupMounts(
      "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
      "33 31 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
      "34 31 0:31 / /sys/fs/cgroup/unified rw shared:1 master:2 - cgroup2 cgroup2 rw,nsdelegate\n",
      "4:cpu,cpuacct:/user.slice\n1:name=systemd:/\n0::/user.slice/a.scope\n");
  REQUIRE(mounts.size() == 3);
  CHECK(mounts[0].controllers == (tsc::kCpu | tsc::kCpuacct));
  CHECK(mounts[0].own == "/user.slice");
  CHECK(mounts[0].device == "0:29");
  CHECK(mounts[1].controllers == 0);
  CHECK(mounts[2].unified);
  CHECK(mounts[2].own == "/user.slice/a.scope");
}

TEST_CASE("cgroup mounts: a bind of a part of the tree, names with spaces, places outside") {
  const char* inside = "40 31 0:38 /docker/abc /sys/fs/cgroup\\040x/unified rw - cgroup2 cgroup2 rw\n";
  CHECK(ParseCgroupMounts(inside, "0::/docker/abc\n").at(0).own == "/");
  CHECK(ParseCgroupMounts(inside, "0::/docker/abc/d\n").at(0).own == "/d");
  CHECK(ParseCgroupMounts(inside, "0::/docker/abcd\n").at(0).own.empty());
  CHECK(ParseCgroupMounts(inside, "0::/docker/abc/../x\n").at(0).own.empty());
  CHECK(ParseCgroupMounts(inside, "").at(0).point == "/sys/fs/cgroup x/unified");
}

TEST_CASE("cgroup mounts: of several mounts the usual place, of stacked ones the last") {
  const auto mounts = ParseCgroupMounts(
      "40 1 0:38 / /elsewhere rw - cgroup2 none rw\n"
      "41 1 0:38 / /sys/fs/cgroup ro - cgroup2 none rw\n"
      "42 41 0:38 /part /sys/fs/cgroup rw - cgroup2 none rw\n",
      "0::/part/own\n");
  REQUIRE(mounts.size() == 1);
  CHECK(mounts[0].point == "/sys/fs/cgroup");
  CHECK(mounts[0].own == "/own");
  CHECK(ParseCgroupMounts("garbage\n\n1 2\n", "x").empty());
}

TEST_CASE("cgroup resources: everything an OCI spec can ask for") {
  const auto parsed = ParseResources(json::parse(R"({
    "memory": {"limit": 1048576, "swap": 2097152, "reservation": 524288, "swappiness": 0, "kernel": 5, "kernelTCP": 4096},
    "cpu": {"shares": 512, "quota": 50000, "period": 100000, "cpus": "0-1", "mems": "0", "idle": 0},
    "pids": {"limit": -1},
    "blockIO": {"weight": 100, "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1000}]},
    "devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 1, "minor": 3, "access": "rw"}],
    "unified": {"memory.high": "max", "cgroup.max.depth": "3"}, "hugepageLimits": []})"));
  REQUIRE(parsed.ok());
  CHECK(parsed->memory_limit == 1048576);
  CHECK(parsed->memory_swappiness == 0);
  CHECK(parsed->memory_kernel_tcp == 4096);
  CHECK(parsed->cpu_quota == 50000);
  CHECK(parsed->cpuset_cpus == "0-1");
  CHECK(parsed->pids_limit == -1);
  CHECK(parsed->io.read_bps.at(0).rate == 1000);
  CHECK(parsed->devices.at(0).type == 'a');
  CHECK(parsed->devices.at(1).minor == 3);
  CHECK(parsed->unified.size() == 2);
  CHECK(ParseResources(json()).ok());
}

TEST_CASE("cgroup resources: zeros that mean nothing was set") {
  const auto parsed =
      ParseResources(json::parse(R"({"memory":{"limit":0,"swap":0},"cpu":{"shares":0,"quota":0,"cpus":""},"pids":{"limit":0}})"));
  REQUIRE(parsed.ok());
  CHECK(tsc::NeededControllers(*parsed) == 0);
}

TEST_CASE("cgroup resources: wrong types and values are named") {
  CHECK(ErrorOf(json::parse(R"({"memory":{"limit":"1g"}})")) == "memory.limit");
  CHECK(ErrorOf(json::parse(R"({"memory":{"limit":1.5}})")) == "memory.limit");
  CHECK(ErrorOf(json::parse(R"({"memory":{"limit":18446744073709551615}})")) == "memory.limit");
  CHECK(ErrorOf(json::parse(R"({"memory":{"limit":-2}})")) == "memory.limit");
  CHECK(ErrorOf(json::parse(R"({"memory":{"limit":20,"swap":10}})")) == "memory.swap");
  CHECK(ErrorOf(json::parse(R"({"cpu":{"shares":-1}})")) == "cpu.shares");
  CHECK(ErrorOf(json::parse(R"({"cpu":{"cpus":"0\n1"}})")) == "cpu.cpus");
  CHECK(ErrorOf(json::parse(R"({"cpu":{"realtimeRuntime":5}})")) == "cpu.realtimeRuntime");
  CHECK(ErrorOf(json::parse(R"({"devices":[{"type":"x"}]})")) == "devices.type");
  CHECK(ErrorOf(json::parse(R"({"devices":[{"access":"rwx"}]})")) == "devices.access");
  CHECK(ErrorOf(json::parse(R"({"blockIO":{"throttleReadBpsDevice":[{"major":1}]}})")) == "blockIO.throttleReadBpsDevice");
  CHECK(ErrorOf(json::parse(R"({"hugepageLimits":[{"pageSize":"2MB","limit":1}]})")) == "hugepageLimits");
  CHECK(ErrorOf(json::parse("[]")) == "resources");
}

TEST_CASE("cgroup resources: unified keys cannot leave the cgroup or take it over") {
  for (const char* key :
       {"../memory.max", "a/b.c", "..", "cgroup.procs", "cgroup.kill", "cgroup.subtree_control", "memory", ".x", "a..b"}) {
    CAPTURE(key);
    CHECK(ErrorOf({{"unified", {{key, "1"}}}}) == std::string("unified.") + key);
  }
}

TEST_CASE("cgroup limits: shares and weights of v1 in the terms of v2") {
  CHECK(tsc::CpuWeightOfShares(2) == 1);
  CHECK(tsc::CpuWeightOfShares(1024) == 100);
  CHECK(tsc::CpuWeightOfShares(262144) == 10000);
  CHECK(tsc::CpuWeightOfShares(2048) > tsc::CpuWeightOfShares(1024));
  CHECK(tsc::IoWeightOfBlkio(10) == 1);
  CHECK(tsc::IoWeightOfBlkio(1000) == 10000);
}

TEST_CASE("cgroup oom: the counter among its neighbours") {
  CHECK(tsc::ParseOomKills("low 0\noom 4\noom_kill 3\noom_group_kill 9\n") == 3);
  CHECK(tsc::ParseOomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n") == 7);
  CHECK(tsc::ParseOomKills("oom_kill_disable 0\n") == 0);
}

TEST_CASE("cgroup names: one path component and nothing that means something else") {
  for (const char* name : {"", ".", "..", "a/b", "/a", ".supervisor", "-x", "a\nb", "ä"}) CHECK_FALSE(tsc::ValidCgroupName(name));
  CHECK_FALSE(tsc::ValidCgroupName(std::string(201, 'a')));
  CHECK(tsc::ValidCgroupName("4f1c_x.y-z"));
}
