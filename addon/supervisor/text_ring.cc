// SPDX-License-Identifier: Apache-2.0
#include "supervisor/text_ring.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tsc {
namespace {

constexpr std::size_t kPiece = std::size_t{16} * 1024;

}  // namespace

void TextRing::Unmap::operator()(char* memory) const { ::munmap(memory, size); }

void TextRing::Add(std::uint64_t number, std::string_view text) {
  const std::size_t size = kHead + text.size();
  while (count_ > 0 && (count_ >= most_ || bytes_ + size > most_bytes_)) ForgetOldest();
  if (count_ >= most_ || size > most_bytes_ || !MakeRoom(size)) return;
  Piece& piece = pieces_.back();
  const std::uint64_t head[] = {number, text.size()};
  std::memcpy(piece.memory.get() + piece.end, head, sizeof head);
  std::memcpy(piece.memory.get() + piece.end + sizeof head, text.data(), text.size());
  piece.end += size;
  ++count_;
  bytes_ += size;
}

// In the last piece, or in one more.
bool TextRing::MakeRoom(std::size_t size) {
  if (!pieces_.empty() && pieces_.back().memory.get_deleter().size - pieces_.back().end >= size) return true;
  if (spare_ && spare_.get_deleter().size >= size) {
    pieces_.push_back({std::move(spare_)});
    return true;
  }
  const std::size_t mapped = std::max(kPiece, size);
  void* memory = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  (void)::madvise(memory, mapped, MADV_DONTFORK);
  pieces_.push_back({Memory(static_cast<char*>(memory), Unmap{mapped})});
  return true;
}

void TextRing::ForgetOldest() {
  if (count_ == 0) return;
  Piece& piece = pieces_.front();
  const std::size_t size = kHead + Read(piece, piece.first).text.size();
  piece.first += size;
  --count_;
  bytes_ -= size;
  if (piece.first < piece.end) return;
  if (piece.memory.get_deleter().size == kPiece) spare_ = std::move(piece.memory);
  pieces_.erase(pieces_.begin());
}

std::optional<TextRing::Entry> TextRing::Oldest() const {
  if (count_ == 0) return std::nullopt;
  return Read(pieces_.front(), pieces_.front().first);
}

TextRing::Entry TextRing::Read(const Piece& piece, std::size_t at) {
  std::uint64_t head[2];
  std::memcpy(head, piece.memory.get() + at, sizeof head);
  return {head[0], {piece.memory.get() + at + sizeof head, head[1]}};
}

}  // namespace tsc
