// SPDX-License-Identifier: Apache-2.0
#include "supervisor/leaving_networks.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/paths.h"
#include "supervisor/directory_names.h"

namespace tsc {
namespace {

constexpr const char kLeaving[] = "v1/leaving";

std::string MarkOf(const std::string& network) { return std::string(kLeaving) + "/" + network; }

}  // namespace

Status MarkLeaving(const Host& host, const std::string& network) {
  TSC_TRY(MkdirsInRoot(host.run_dir.get(), kLeaving, 0700));
  const UniqueFd mark(::openat(host.run_dir.get(), MarkOf(network).c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  return mark ? Status{} : Status(Errno("remove network", network));
}

void UnmarkLeaving(const Host& host, const std::string& network) { ::unlinkat(host.run_dir.get(), MarkOf(network).c_str(), 0); }

bool IsLeaving(const Host& host, const std::string& network) {
  return ::faccessat(host.run_dir.get(), MarkOf(network).c_str(), F_OK, 0) == 0;
}

void UnmarkAllLeaving(const Host& host) {
  const auto marked = NamesIn(host.run_dir.get(), kLeaving);
  if (!marked.ok()) return;
  for (const auto& network : *marked) UnmarkLeaving(host, network);
}

}  // namespace tsc
