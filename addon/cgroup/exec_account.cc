// SPDX-License-Identifier: Apache-2.0
#include "cgroup/exec_account.h"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>

#include "cgroup/cgroup.h"
#include "cgroup/flat_keyed.h"

namespace tsc {
namespace {

std::optional<std::uint64_t> Read(const UniqueFd& file, std::string_view key) {
  char buffer[1024];
  const ssize_t count = ::pread(file.get(), buffer, sizeof buffer, 0);
  return count < 0 ? std::nullopt : FlatKeyedValue({buffer, static_cast<std::size_t>(count)}, key);
}

}  // namespace

bool ExecAccount::Empty() const { return Read(events_, "populated") == 0; }

std::optional<std::uint64_t> ExecAccount::CpuNs() const {
  const auto us = Read(cpu_stat_, "usage_usec");
  return us ? std::optional(*us * 1000 - before_ns_) : std::nullopt;
}

ExecAccount Cgroup::Account() const {
  const Hierarchy* tree = base_->unified();
  if (!tree) return {};
  const auto open = [&](const char* file) {
    return UniqueFd(::openat(tree->base.get(), (name_ + "/" + file).c_str(), O_RDONLY | O_CLOEXEC));
  };
  return ExecAccount(open("cpu.stat"), open("cgroup.events"));
}

}  // namespace tsc
