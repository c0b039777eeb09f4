// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace tsc {

// The last texts of many, each with a number, in memory of their own: on the heap they would lie between what lives shortly, and spread
// that over many pages, each of which is copied after a fork. Forked children do not have this memory.
class TextRing {
 public:
  // How many are kept, and how many bytes of them with their numbers.
  TextRing(std::size_t most, std::size_t most_bytes) : most_(most), most_bytes_(most_bytes) {}

  // The oldest make room for it. One that is too large by itself, or for which there is no memory, is not kept.
  void Add(std::uint64_t number, std::string_view text);
  void ForgetOldest();

  struct Entry {
    std::uint64_t number = 0;
    std::string_view text;  // until something changes
  };
  std::optional<Entry> Oldest() const;

  // visit(number, text), from the oldest to the latest.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Piece& piece : pieces_) {
      for (std::size_t at = piece.first; at < piece.end;) {
        const Entry entry = Read(piece, at);
        visit(entry.number, entry.text);
        at += kHead + entry.text.size();
      }
    }
  }

 private:
  static constexpr std::size_t kHead = 2 * sizeof(std::uint64_t);  // the number, and how long the text is

  struct Unmap {
    std::size_t size;
    void operator()(char* memory) const;
  };
  using Memory = std::unique_ptr<char, Unmap>;

  // A mapping, with texts one after another.
  struct Piece {
    Memory memory;
    std::size_t first = 0;  // where the oldest is
    std::size_t end = 0;
  };

  static Entry Read(const Piece& piece, std::size_t at);
  bool MakeRoom(std::size_t size);

  const std::size_t most_, most_bytes_;
  std::size_t count_ = 0, bytes_ = 0;
  std::vector<Piece> pieces_;  // the oldest first; none is empty
  Memory spare_;               // one whose texts are all forgotten, for the next
};

}  // namespace tsc
