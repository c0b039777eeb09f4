// SPDX-License-Identifier: Apache-2.0
#include "layer/worker.h"

#include <sys/resource.h>

#include <new>

#include "layer/confine.h"
#include "layer/entry_name.h"
#include "layer/worker_kinds.h"

namespace tsc {
namespace {

constexpr int kPriority = 5;

struct Kind {
  const char* name;
  std::size_t descriptors;  // at least
  std::size_t root;         // which of them is the directory to be shut in
  Result<work::Json> (*run)(const work::Json& args, const work::Fds& fds, const WorkProgress& progress);
};

constexpr Kind kKinds[] = {
    {"layer.unpack", 2, 1, work::UnpackLayer}, {"layer.pack", 2, 0, work::PackLayer},       {"archive.extract", 2, 1, work::ExtractArchive},
    {"tree.pack", 2, 0, work::PackHostTree},   {"tree.unpack", 2, 1, work::UnpackHostTree}, {"tree.remove", 1, 0, work::RemoveTree},
};

const Kind* FindKind(const std::string& name) {
  for (const auto& kind : kKinds)
    if (name == kind.name) return &kind;
  return nullptr;
}

}  // namespace

bool IsLayerWork(const std::string& kind) { return FindKind(kind) != nullptr; }

Result<nlohmann::json> RunLayerWork(const std::string& kind, const nlohmann::json& args, std::vector<UniqueFd> fds,
                                    const WorkProgress& progress) {
  const Kind* found = FindKind(kind);
  if (found == nullptr) return Fail("start work", ENOSYS, PrintableName(kind));
  if (fds.size() < found->descriptors) return Fail("start work", EINVAL, kind + ": descriptors missing");
  try {
    return found->run(args, fds, progress);
  } catch (const std::bad_alloc&) {  // a worker has a memory limit, and strangers decide how much is needed
    return Fail("start work", ENOMEM, kind);
  }
}

Result<nlohmann::json> RunConfinedLayerWork(const std::string& kind, const nlohmann::json& args, std::vector<UniqueFd> fds,
                                            const WorkProgress& progress) {
  const Kind* found = FindKind(kind);
  // It may keep a processor busy for seconds: whoever only answers events, Node's loop above all, goes first.
  ::setpriority(PRIO_PROCESS, 0, kPriority);
  if (found != nullptr && fds.size() >= found->descriptors) TSC_TRY(ConfineWorker(fds[found->root].get(), true));
  return RunLayerWork(kind, args, std::move(fds), progress);
}

}  // namespace tsc
