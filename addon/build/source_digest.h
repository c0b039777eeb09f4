// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "build/digest_memo.h"
#include "build/source_walk.h"
#include "layer/sha256.h"

namespace tsc {

// What makes two copies of the same selection different: names, kinds, modes, sizes, links, attributes and content, and where they count
// the owners. Times do not.
class SourceDigest : public SourceVisitor {
 public:
  SourceDigest(const LayerStack& stack, DigestMemo& memo, bool with_owners) : stack_(stack), memo_(memo), with_owners_(with_owners) {}

  Status Begin(const FoundSource& source) override;
  Status Take(const SourceItem& item) override;
  // The same with a file that is open already; `info` is what it was when its content was hashed or known. ESTALE of the step "read source"
  // where it changes meanwhile.
  Status TakeFile(const SourceItem& item, int fd, struct stat* info);

  // The same with a link that was read already.
  Status TakeLink(const SourceItem& item, const std::string& target);

  std::string Digest() const { return hash_.Digest(); }
  std::uint64_t entries() const { return entries_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  Status Write(const SourceItem& item, const struct stat& info, std::string_view detail);
  Result<ContentHash> HashFile(const SourceItem& item, int fd, const struct stat& info);

  const LayerStack& stack_;
  DigestMemo& memo_;
  bool with_owners_;
  Sha256 hash_;
  std::uint64_t entries_ = 0, bytes_ = 0;
  std::unique_ptr<char[]> buffer_;
};

// Opens a file as it is named; not blocking, should it be something else by now.
UniqueFd OpenSourceFile(const SourceItem& item);

// Where a link of the sources leads; ESTALE of the step "read source" where it is none any more.
Result<std::string> ReadSourceLink(const SourceItem& item);

// Whether nothing happened to a file between two looks at it.
bool SameState(const struct stat& one, const struct stat& other);

}  // namespace tsc
