// SPDX-License-Identifier: Apache-2.0
#include "layer/worker.h"

#include <new>

#include "layer/entry_name.h"
#include "layer/worker_kinds.h"

namespace tsc {
namespace {

struct Kind {
  const char* name;
  std::size_t descriptors;  // at least
  Result<work::Json> (*run)(const work::Json& args, const work::Fds& fds, const WorkProgress& progress);
};

constexpr Kind kKinds[] = {
    {"layer.unpack", 2, work::UnpackLayer},
    {"layer.pack", 2, work::PackLayer},
    {"archive.extract", 2, work::ExtractArchive},
    {"tree.remove", 1, work::RemoveTree},
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

}  // namespace tsc
