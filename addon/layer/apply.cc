// SPDX-License-Identifier: Apache-2.0
#include "layer/apply.h"

#include "layer/entry_writer.h"
#include "layer/layer_tree.h"
#include "layer/no_umask.h"
#include "layer/raw_source.h"

namespace tsc {
namespace {

// The decompressed stream on its way to the tar reader.
class HashedSource : public ByteSource {
 public:
  explicit HashedSource(ByteSource& input) : input_(input) {}
  Result<std::string_view> Next() override {
    const auto data = TSC_TRY(input_.Next());
    size_ += data.size();
    hash_.Update(data);
    return data;
  }
  std::uint64_t size() const { return size_; }
  std::string Digest() const { return hash_.Digest(); }

 private:
  ByteSource& input_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
};

Status Verify(const char* step, const std::optional<std::string>& expected, const std::string& actual) {
  if (expected && *expected != actual) return Fail(step, EBADMSG, actual);
  return {};
}

std::string BlobDigest(const UnpackOptions& options, const RawSource& raw) {
  return options.hashes_blob() ? raw.Digest() : *options.digest;
}

Status VerifyBlob(const UnpackOptions& options, const RawSource& raw) {
  if (options.size && *options.size != raw.size()) return Fail("verify size", EBADMSG, std::to_string(raw.size()) + " bytes");
  return Verify("verify digest", options.digest, BlobDigest(options, raw));
}

class Unpacking {
 public:
  Unpacking(const UnpackOptions& options, const std::function<void(const UnpackProgress&)>& progress)
      : options_(options),
        tree_(options.target, {options.user_xattr}),
        writer_(tree_, {{options.single_id, options.max_id}, options.devices}),
        raw_({options.input, options.blob, options.size.value_or(options.max_plain_bytes),
              [this, &progress](std::uint64_t read) {
                if (progress) progress({read, result_.entries});
              },
              options.hashes_blob()}) {}

  Result<UnpackResult> Run() {
    auto decoded = Decode();
    if (!decoded) return Explain(std::move(decoded).failure());
    TSC_TRY(VerifyBlob(options_, raw_));
    TSC_TRY(Verify("verify diffid", options_.diff_id, result_.diff_id));
    TSC_TRY(tree_.Finish());
    result_.digest = BlobDigest(options_, raw_);
    result_.size = raw_.size();
    result_.skipped_devices = writer_.skipped_devices();
    result_.dropped_xattrs = writer_.dropped_xattrs();
    result_.implied_parents.assign(tree_.implied().begin(), tree_.implied().end());
    result_.opaque_root = tree_.root_opaque();
    return std::move(result_);
  }

 private:
  Status Decode() {
    const auto plain = TSC_TRY(OpenDecompressor(raw_, options_.max_plain_bytes));
    result_.compression = plain->compression();
    if (result_.compression == Compression::kPlain && options_.hashes_blob()) {  // one and the same stream: hash it once
      TSC_TRY(WriteEntries(*plain));
      result_.diff_id = raw_.Digest();
      result_.plain_size = raw_.size();
      return {};
    }
    HashedSource hashed(*plain);
    TSC_TRY(WriteEntries(hashed));
    result_.diff_id = hashed.Digest();
    result_.plain_size = hashed.size();
    return {};
  }

  Status WriteEntries(ByteSource& source) {
    TarReader reader(source, options_.limits);
    TarEntry entry;
    while (TSC_TRY(reader.Next(entry))) {
      TSC_TRY(writer_.Write(entry, reader));
      ++result_.entries;
    }
    return reader.Drain();
  }

  // A blob that was damaged on its way fails somewhere in the middle. What the caller can act upon is that its digest is wrong.
  Failure Explain(Failure failure) {
    if (failure.error != EBADMSG || !options_.digest || !options_.hashes_blob() || failure.step == "verify size") return failure;
    for (;;) {
      auto rest = raw_.Next();
      if (!rest) return std::move(rest).failure();
      if (rest->empty()) break;
    }
    auto verified = VerifyBlob(options_, raw_);
    return verified ? failure : std::move(verified).failure();
  }

  const UnpackOptions& options_;
  NoUmask no_umask_;
  UnpackResult result_;
  LayerTree tree_;
  EntryWriter writer_;
  RawSource raw_;
};

}  // namespace

Result<UnpackResult> UnpackLayer(const UnpackOptions& options, const std::function<void(const UnpackProgress&)>& progress) {
  return Unpacking(options, progress).Run();
}

}  // namespace tsc
