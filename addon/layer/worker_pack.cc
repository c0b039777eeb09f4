// SPDX-License-Identifier: Apache-2.0
#include "layer/pack.h"
#include "layer/worker_args.h"
#include "layer/worker_kinds.h"

namespace tsc::work {
namespace {

constexpr std::uint64_t kProgressStep = 16 << 20;

}  // namespace

// Arguments, all optional: compression "plain" | "gzip", overlay, squashOwner, idBase, idCount, maxMtime (see PackOptions).
// Progress: {plainBytes, entries}. Result: {digest, diffId, size, plainSize, entries, skippedSockets}.
Result<Json> PackLayer(const Json& json, const Fds& fds, const WorkProgress& progress) {
  PackOptions options;
  options.source = fds[0].get();
  options.output = fds[1].get();
  WorkerArgs args(json);
  std::string compression = "plain";
  std::optional<std::uint64_t> max_mtime;
  args.Read("compression", compression);
  args.Read("overlay", options.overlay);
  args.Read("squashOwner", options.squash_owner);
  args.Read("idBase", options.id_base);
  args.Read("idCount", options.id_count);
  args.Read("maxMtime", max_mtime);
  TSC_TRY(args.status());
  if (compression != "plain" && compression != "gzip") return Fail("read arguments", EINVAL, "compression");
  if (compression == "gzip") options.compression = Compression::kGzip;
  if (max_mtime) options.max_mtime = static_cast<std::int64_t>(*max_mtime);
  std::uint64_t reported = 0;
  const auto packed = TSC_TRY(tsc::PackLayer(options, [&](const PackProgress& now) {
    if (!progress || now.plain_bytes - reported < kProgressStep) return;
    reported = now.plain_bytes;
    progress({{"plainBytes", now.plain_bytes}, {"entries", now.entries}});
  }));
  return Json{{"digest", packed.digest},        {"diffId", packed.diff_id},  {"size", packed.size},
              {"plainSize", packed.plain_size}, {"entries", packed.entries}, {"skippedSockets", packed.skipped_sockets}};
}

}  // namespace tsc::work
