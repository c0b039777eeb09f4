// SPDX-License-Identifier: Apache-2.0
#include "cgroup/resources.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace tsc {
namespace {

using nlohmann::json;

Failure Bad(const std::string& where) { return Fail("cgroup resources", EINVAL, where); }
Failure Unsupported(const std::string& where) { return Fail("cgroup resources", ENOTSUP, where); }

// The member of an object, or nullptr where it is missing or null.
const json* Member(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

template <class T>
Status ReadNumber(const json& object, const char* key, const std::string& where, std::optional<T>* out) {
  const json* member = Member(object, key);
  if (!member) return {};
  if (!member->is_number_integer()) return Bad(where + "." + key);
  if (member->is_number_unsigned()) {
    const auto value = member->get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) return Bad(where + "." + key);
    *out = static_cast<T>(value);
    return {};
  }
  const auto value = member->get<std::int64_t>();
  if (std::is_unsigned_v<T> || value < -1) return Bad(where + "." + key);
  *out = static_cast<T>(value);
  return {};
}

// As ReadNumber, for members whose zero means "not set".
template <class T>
Status ReadNonZero(const json& object, const char* key, const std::string& where, std::optional<T>* out) {
  TSC_TRY(ReadNumber(object, key, where, out));
  if (*out && **out == 0) out->reset();
  return {};
}

Status ReadFlag(const json& object, const char* key, const std::string& where, bool* out) {
  const json* member = Member(object, key);
  if (!member) return {};
  if (!member->is_boolean()) return Bad(where + "." + key);
  *out = member->get<bool>();
  return {};
}

// Lists of CPUs and nodes. The kernel judges ranges; what is kept out here is everything that is not a list at all.
Status ReadList(const json& object, const char* key, const std::string& where, std::optional<std::string>* out) {
  const json* member = Member(object, key);
  if (!member) return {};
  if (!member->is_string()) return Bad(where + "." + key);
  const auto& text = member->get_ref<const std::string&>();
  if (text.empty()) return {};
  if (text.size() > 4096 || text.find_first_not_of("0123456789,-: ") != std::string::npos) return Bad(where + "." + key);
  *out = text;
  return {};
}

Status ParseMemory(const json& memory, CgroupResources* out) {
  const std::string where = "memory";
  if (!memory.is_object()) return Bad(where);
  TSC_TRY(ReadNonZero(memory, "limit", where, &out->memory_limit));
  TSC_TRY(ReadNonZero(memory, "swap", where, &out->memory_swap));
  TSC_TRY(ReadNonZero(memory, "reservation", where, &out->memory_reservation));
  TSC_TRY(ReadNonZero(memory, "kernelTCP", where, &out->memory_kernel_tcp));
  TSC_TRY(ReadNumber(memory, "swappiness", where, &out->memory_swappiness));
  TSC_TRY(ReadFlag(memory, "disableOOMKiller", where, &out->disable_oom_killer));
  TSC_TRY(ReadFlag(memory, "checkBeforeUpdate", where, &out->check_before_update));
  if (out->memory_swappiness.value_or(0) > 100) return Bad("memory.swappiness");
  // "kernel" is deprecated and has no effect since Linux 5.16.
  if (out->memory_swap && *out->memory_swap > 0 && out->memory_limit.value_or(0) > *out->memory_swap) return Bad("memory.swap");
  return {};
}

Status ParseCpu(const json& cpu, CgroupResources* out) {
  const std::string where = "cpu";
  if (!cpu.is_object()) return Bad(where);
  TSC_TRY(ReadNonZero(cpu, "shares", where, &out->cpu_shares));
  TSC_TRY(ReadNonZero(cpu, "quota", where, &out->cpu_quota));
  TSC_TRY(ReadNonZero(cpu, "period", where, &out->cpu_period));
  TSC_TRY(ReadNumber(cpu, "burst", where, &out->cpu_burst));
  TSC_TRY(ReadNumber(cpu, "idle", where, &out->cpu_idle));
  TSC_TRY(ReadList(cpu, "cpus", where, &out->cpuset_cpus));
  TSC_TRY(ReadList(cpu, "mems", where, &out->cpuset_mems));
  std::optional<std::int64_t> runtime;
  std::optional<std::uint64_t> period;
  TSC_TRY(ReadNonZero(cpu, "realtimeRuntime", where, &runtime));
  TSC_TRY(ReadNonZero(cpu, "realtimePeriod", where, &period));
  if (runtime || period) return Unsupported("cpu.realtimeRuntime");
  return {};
}

Status ParseRates(const json& io, const char* key, const char* value_key, std::vector<DeviceRate>* out) {
  const json* list = Member(io, key);
  if (!list) return {};
  const std::string where = std::string("blockIO.") + key;
  if (!list->is_array()) return Bad(where);
  for (const json& item : *list) {
    std::optional<std::uint32_t> major, minor;
    std::optional<std::uint64_t> value;
    if (!item.is_object()) return Bad(where);
    TSC_TRY(ReadNumber(item, "major", where, &major));
    TSC_TRY(ReadNumber(item, "minor", where, &minor));
    TSC_TRY(ReadNumber(item, value_key, where, &value));
    if (!major || !minor || !value) return Bad(where);
    out->push_back({*major, *minor, *value});
  }
  return {};
}

Status ParseIo(const json& io, IoResources* out) {
  if (!io.is_object()) return Bad("blockIO");
  TSC_TRY(ReadNonZero(io, "weight", "blockIO", &out->weight));
  if (out->weight && (*out->weight < 10 || *out->weight > 1000)) return Bad("blockIO.weight");
  if (const json* leaf = Member(io, "leafWeight"); leaf && *leaf != 0) return Unsupported("blockIO.leafWeight");
  TSC_TRY(ParseRates(io, "weightDevice", "weight", &out->weight_device));
  TSC_TRY(ParseRates(io, "throttleReadBpsDevice", "rate", &out->read_bps));
  TSC_TRY(ParseRates(io, "throttleWriteBpsDevice", "rate", &out->write_bps));
  TSC_TRY(ParseRates(io, "throttleReadIOPSDevice", "rate", &out->read_iops));
  TSC_TRY(ParseRates(io, "throttleWriteIOPSDevice", "rate", &out->write_iops));
  return {};
}

Result<DeviceRule> ParseDevice(const json& item) {
  DeviceRule rule;
  if (!item.is_object()) return Bad("devices");
  TSC_TRY(ReadFlag(item, "allow", "devices", &rule.allow));
  TSC_TRY(ReadNumber(item, "major", "devices", &rule.major));
  TSC_TRY(ReadNumber(item, "minor", "devices", &rule.minor));
  if (rule.major == -1) rule.major.reset();
  if (rule.minor == -1) rule.minor.reset();
  if (const json* type = Member(item, "type"); type && !(type->is_string() && type->get_ref<const std::string&>().empty())) {
    if (!type->is_string() || type->get_ref<const std::string&>().size() != 1) return Bad("devices.type");
    rule.type = type->get_ref<const std::string&>()[0];
    if (rule.type == 'u') rule.type = 'c';  // an unbuffered character device, to the kernel the same
    if (rule.type != 'a' && rule.type != 'b' && rule.type != 'c') return Bad("devices.type");
  }
  if (const json* access = Member(item, "access")) {
    if (!access->is_string()) return Bad("devices.access");
    rule.access = access->get<std::string>();
    if (rule.access.size() > 3 || rule.access.find_first_not_of("rwm") != std::string::npos) return Bad("devices.access");
  }
  return rule;
}

Status ParseDevices(const json& list, std::vector<DeviceRule>* out) {
  if (!list.is_array()) return Bad("devices");
  for (const json& item : list) out->push_back(TSC_TRY(ParseDevice(item)));
  return {};
}

// A key is the name of one file in the container's own cgroup. The files by which the engine itself holds the container (cgroup.procs,
// cgroup.kill …) are not limits.
bool ValidUnifiedKey(const std::string& key) {
  if (key.find('/') != std::string::npos || key.find("..") != std::string::npos || key.size() > 255) return false;
  if (key.find('\0') != std::string::npos) return false;
  const auto dot = key.find('.');
  if (dot == 0 || dot == std::string::npos) return false;
  return key.compare(0, dot, "cgroup") != 0 || key == "cgroup.max.depth" || key == "cgroup.max.descendants";
}

Status ParseUnified(const json& map, std::map<std::string, std::string>* out) {
  if (!map.is_object()) return Bad("unified");
  for (const auto& [key, value] : map.items()) {
    if (!ValidUnifiedKey(key) || !value.is_string()) return Bad("unified." + key);
    out->emplace(key, value.get<std::string>());
  }
  return {};
}

Status RefuseOthers(const json& resources) {
  for (const char* key : {"hugepageLimits", "network", "rdma"}) {
    const json* member = Member(resources, key);
    if (member && !member->empty()) return Unsupported(key);
  }
  return {};
}

}  // namespace

Result<CgroupResources> ParseResources(const json& resources) {
  CgroupResources out;
  if (resources.is_null()) return out;
  if (!resources.is_object()) return Bad("resources");
  if (const json* memory = Member(resources, "memory")) TSC_TRY(ParseMemory(*memory, &out));
  if (const json* cpu = Member(resources, "cpu")) TSC_TRY(ParseCpu(*cpu, &out));
  if (const json* io = Member(resources, "blockIO")) TSC_TRY(ParseIo(*io, &out.io));
  if (const json* devices = Member(resources, "devices")) TSC_TRY(ParseDevices(*devices, &out.devices));
  if (const json* unified = Member(resources, "unified")) TSC_TRY(ParseUnified(*unified, &out.unified));
  if (const json* pids = Member(resources, "pids")) {
    if (!pids->is_object()) return Bad("pids");
    TSC_TRY(ReadNonZero(*pids, "limit", "pids", &out.pids_limit));
  }
  TSC_TRY(RefuseOthers(resources));
  return out;
}

}  // namespace tsc
