// SPDX-License-Identifier: Apache-2.0
#include "layer/pack.h"

#include "layer/byte_sink.h"
#include "layer/tree_packer.h"

namespace tsc {
namespace {

using Walk = std::function<Status(TreePacker&)>;
using Progress = std::function<void(const PackProgress&)>;

Result<PackResult> Pack(const PackOptions& options, const Progress& progress, const Walk& walk) {
  if (options.compression == Compression::kZstd) return Fail("pack layer", EOPNOTSUPP, "zstd");
  FdSink blob(options.output, options.digests);
  const auto gzip = options.compression == Compression::kGzip ? MakeGzipSink(blob) : nullptr;
  // A plain blob is the tar, and hashed already.
  HashSink tar(gzip ? *gzip : blob, options.digests && gzip);
  TarWriter writer(tar);
  TreePacker packer(options, writer, [&](std::uint64_t entries) {
    if (progress) progress({tar.size(), entries});
  });
  TSC_TRY(walk(packer));
  TSC_TRY(writer.Finish());
  TSC_TRY(tar.Finish());
  PackResult result;
  if (options.digests) {
    result.digest = blob.Digest();
    result.diff_id = gzip ? tar.Digest() : result.digest;
  }
  result.size = blob.size();
  result.plain_size = tar.size();
  result.entries = packer.entries();
  result.skipped_sockets = packer.skipped_sockets();
  return result;
}

}  // namespace

Result<PackResult> PackLayer(const PackOptions& options, const Progress& progress) {
  return Pack(options, progress, [](TreePacker& packer) { return packer.Run(); });
}

Result<PackResult> PackChanges(const PackOptions& options, const std::vector<TreeChange>& changes, const Progress& progress) {
  return Pack(options, progress, [&](TreePacker& packer) { return packer.RunChanges(changes); });
}

}  // namespace tsc
