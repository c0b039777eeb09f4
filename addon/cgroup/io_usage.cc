// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "cgroup/cgroup.h"
#include "cgroup/usage.h"

namespace tsc {
namespace {

std::uint64_t Number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Takes what stands before the separator, and it, off the front.
std::string_view Take(std::string_view* text, char separator) {
  const auto end = text->find(separator);
  const auto taken = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return taken;
}

DeviceIo* Find(std::vector<DeviceIo>* devices, std::string_view device) {
  for (auto& known : *devices)
    if (known.device == device) return &known;
  devices->push_back({.device = std::string(device)});
  return &devices->back();
}

// "254:0 Read 4096", and at the end "Total 4096".
void ReadV1(std::string_view text, std::uint64_t DeviceIo::*read, std::uint64_t DeviceIo::*written, std::vector<DeviceIo>* devices) {
  while (!text.empty()) {
    std::string_view line = Take(&text, '\n');
    const auto device = Take(&line, ' ');
    const auto kind = Take(&line, ' ');
    if (kind == "Read") Find(devices, device)->*read = Number(line);
    if (kind == "Write") Find(devices, device)->*written = Number(line);
  }
}

}  // namespace

// "254:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0"
std::vector<DeviceIo> ParseIoV2(std::string_view stat) {
  std::vector<DeviceIo> devices;
  while (!stat.empty()) {
    std::string_view line = Take(&stat, '\n');
    DeviceIo io{.device = std::string(Take(&line, ' '))};
    while (!line.empty()) {
      std::string_view entry = Take(&line, ' ');
      const auto key = Take(&entry, '=');
      if (key == "rbytes") io.read_bytes = Number(entry);
      if (key == "wbytes") io.written_bytes = Number(entry);
      if (key == "rios") io.reads = Number(entry);
      if (key == "wios") io.writes = Number(entry);
    }
    devices.push_back(std::move(io));
  }
  return devices;
}

std::vector<DeviceIo> ParseIoV1(std::string_view bytes, std::string_view operations) {
  std::vector<DeviceIo> devices;
  ReadV1(bytes, &DeviceIo::read_bytes, &DeviceIo::written_bytes, &devices);
  ReadV1(operations, &DeviceIo::reads, &DeviceIo::writes, &devices);
  return devices;
}

Result<bool> Cgroup::EnterIo() {
  if (is_exec() || base_->version == CgroupVersion::kV2) return false;
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    if (!(base_->hierarchies[i].controllers & kIo) || (made_ & 1U << i)) continue;
    TSC_TRY(Enter(i));
    return true;
  }
  return false;
}

Status Cgroup::MoveIntoIo() const {
  for (std::size_t i = 0; i < base_->hierarchies.size(); ++i) {
    if ((base_->hierarchies[i].controllers & kIo) && (made_ & 1U << i)) return MoveInto(i);
  }
  return {};
}

std::vector<int> Cgroup::descriptors() const {
  std::vector<int> all;
  for (const auto& hierarchy : base_->hierarchies)
    if (hierarchy.base) all.push_back(hierarchy.base.get());
  return all;
}

}  // namespace tsc
