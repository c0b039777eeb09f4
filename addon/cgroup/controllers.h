// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tsc {

enum class CgroupVersion { kNone, kV1, kHybrid, kV2 };

// A set of controllers, one bit each. The names are those of v2; "io" is "blkio" on v1.
using ControllerSet = std::uint32_t;

inline constexpr ControllerSet kMemory = 1 << 0;
inline constexpr ControllerSet kCpu = 1 << 1;
inline constexpr ControllerSet kCpuacct = 1 << 2;  // v1 only
inline constexpr ControllerSet kPids = 1 << 3;
inline constexpr ControllerSet kDevices = 1 << 4;  // v1 only: v2 would need eBPF
inline constexpr ControllerSet kCpuset = 1 << 5;
inline constexpr ControllerSet kIo = 1 << 6;
inline constexpr ControllerSet kFreezer = 1 << 7;  // the v1 hierarchy
inline constexpr ControllerSet kHugetlb = 1 << 8;
inline constexpr ControllerSet kRdma = 1 << 9;
inline constexpr ControllerSet kMisc = 1 << 10;

struct ControllerName {
  ControllerSet bit;
  std::string_view v2;
  std::string_view v1;
};

inline constexpr std::array<ControllerName, 11> kControllerNames{{
    {kMemory, "memory", "memory"},
    {kCpu, "cpu", "cpu"},
    {kCpuacct, "", "cpuacct"},
    {kPids, "pids", "pids"},
    {kDevices, "", "devices"},
    {kCpuset, "cpuset", "cpuset"},
    {kIo, "io", "blkio"},
    {kFreezer, "", "freezer"},
    {kHugetlb, "hugetlb", ""},
    {kRdma, "rdma", ""},
    {kMisc, "misc", ""},
}};

}  // namespace tsc
