// SPDX-License-Identifier: Apache-2.0
#include "layer/pack.h"

#include "layer/byte_sink.h"
#include "layer/tree_packer.h"

namespace tsc {

Result<PackResult> PackLayer(const PackOptions& options, const std::function<void(const PackProgress&)>& progress) {
  if (options.compression == Compression::kZstd) return Fail("pack layer", EOPNOTSUPP, "zstd");
  FdSink blob(options.output);
  const auto gzip = options.compression == Compression::kGzip ? MakeGzipSink(blob) : nullptr;
  HashSink tar(gzip ? *gzip : blob);
  TarWriter writer(tar);
  TreePacker packer(options, writer, [&](std::uint64_t entries) {
    if (progress) progress({tar.size(), entries});
  });
  TSC_TRY(packer.Run());
  TSC_TRY(writer.Finish());
  TSC_TRY(tar.Finish());
  PackResult result;
  result.digest = blob.Digest();
  result.diff_id = tar.Digest();
  result.size = blob.size();
  result.plain_size = tar.size();
  result.entries = packer.entries();
  result.skipped_sockets = packer.skipped_sockets();
  return result;
}

}  // namespace tsc
