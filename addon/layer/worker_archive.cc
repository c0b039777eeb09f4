// SPDX-License-Identifier: Apache-2.0
#include "layer/archive.h"
#include "layer/worker_args.h"
#include "layer/worker_kinds.h"

namespace tsc::work {

// Arguments, optional: maxPlainBytes, maxEntries. Result: {files, plainSize, compression}.
Result<Json> ExtractArchive(const Json& json, const Fds& fds, const WorkProgress&) {
  ExtractOptions options;
  options.input = fds[0].get();
  options.target = fds[1].get();
  WorkerArgs args(json);
  args.Read("maxPlainBytes", options.max_plain_bytes);
  args.Read("maxEntries", options.limits.entries);
  TSC_TRY(args.status());
  options.limits.file_bytes = options.max_plain_bytes;
  const auto extracted = TSC_TRY(tsc::ExtractArchive(options));
  return Json{{"files", extracted.files}, {"plainSize", extracted.plain_size}, {"compression", CompressionName(extracted.compression)}};
}

}  // namespace tsc::work
