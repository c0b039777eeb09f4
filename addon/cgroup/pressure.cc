// SPDX-License-Identifier: Apache-2.0
#include "cgroup/pressure.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

#include "cgroup/cgroup.h"
#include "cgroup/tree.h"

namespace tsc {
namespace {

template <class T>
void ReadNumber(std::string_view line, std::string_view key, T* out) {
  const auto at = line.find(key);
  if (at != std::string_view::npos) std::from_chars(line.data() + at + key.size(), line.data() + line.size(), *out);
}

PressureShare ParseShare(std::string_view line) {
  PressureShare share;
  ReadNumber(line, "avg10=", &share.avg10);
  ReadNumber(line, "avg60=", &share.avg60);
  ReadNumber(line, "avg300=", &share.avg300);
  ReadNumber(line, "total=", &share.total_us);
  return share;
}

}  // namespace

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull …"; the machine's own cpu.pressure once had no second line.
Pressure ParsePressure(std::string_view text) {
  Pressure pressure;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (line.starts_with("some ")) pressure.some = ParseShare(line);
    if (line.starts_with("full ")) pressure.full = ParseShare(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return pressure;
}

Result<Pressure> Cgroup::PressureOn(const char* resource) const {
  const Hierarchy* tree = base_->unified();
  if (!tree || !base_->has_pressure) return Fail("read pressure", ENOTSUP, resource);
  char buffer[512];
  return ParsePressure(TSC_TRY(ReadAttribute(tree->base.get(), name_ + "/" + resource + ".pressure", buffer, sizeof buffer)));
}

Result<UniqueFd> Cgroup::WatchPressure(const PressureTrigger& trigger) const {
  const Hierarchy* tree = base_->unified();
  if (!tree || !base_->has_pressure) return Fail("watch pressure", ENOTSUP, trigger.resource);
  const std::string path = name_ + "/" + trigger.resource + ".pressure";
  UniqueFd fd(::openat(tree->base.get(), path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return Errno("watch pressure", trigger.resource);
  const std::string line = (trigger.full ? "full " : "some ") + std::to_string(trigger.stall_us) + " " + std::to_string(trigger.window_us);
  // With its NUL, as the kernel's own example has it.
  if (::write(fd.get(), line.c_str(), line.size() + 1) < 0) return Errno("watch pressure", trigger.resource + ": " + line);
  return fd;
}

}  // namespace tsc
