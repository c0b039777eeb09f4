// SPDX-License-Identifier: Apache-2.0
#include "tar_mutator.h"

#include <cstdio>
#include <random>
#include <vector>

#include "layer/tar_header.h"

namespace tsc::fuzz {
namespace {

struct Field {
  std::size_t offset, size;
};
constexpr Field kNumbers[] = {{100, 8}, {108, 8}, {116, 8}, {124, 12}, {136, 12}, {329, 8}, {337, 8}, {386, 12}, {398, 12}, {483, 12}};
constexpr Field kTexts[] = {{0, 100}, {157, 100}, {345, 155}};
constexpr std::uint64_t kEdges[] = {0, 1, 511, 512, 513, 4096, 1 << 21, 0xffffffff, std::uint64_t{1} << 33, std::uint64_t{1} << 62};
constexpr const char kTypes[] = "0123456750xgLKSVD";
constexpr const char* kNames[] = {
    "a", "a/b", "a/b/c", ".", "..", "/", "../x", "/x", "a/../../x", ".wh.a", ".wh.", ".wh..wh..opq", "a/.wh.b", "a/.wh..wh..opq", "", "a/"};

class Mutation {
 public:
  Mutation(std::string tar, std::uint32_t seed) : tar_(std::move(tar)), random_(seed) {}

  std::string Run() {
    for (auto changes = 1 + Below(3); changes > 0; --changes) Change();
    for (std::size_t at = 0; at + kTarBlock <= tar_.size(); at += kTarBlock)
      if (IsHeader(at)) Seal(at);
    return std::move(tar_);
  }

 private:
  std::size_t Below(std::size_t end) { return end == 0 ? 0 : random_() % end; }
  std::size_t Blocks() const { return tar_.size() / kTarBlock; }
  bool IsHeader(std::size_t at) const { return tar_.compare(at + 257, 5, "ustar") == 0; }

  void Change() {
    std::vector<std::size_t> headers;
    for (std::size_t at = 0; at + kTarBlock <= tar_.size(); at += kTarBlock)
      if (IsHeader(at)) headers.push_back(at);
    const std::size_t choice = Below(8);
    if (headers.empty() || choice == 0) return Insert();
    const std::size_t at = headers[Below(headers.size())];
    if (choice == 1) return Copy();
    if (choice == 2) return void(tar_.erase(Below(Blocks()) * kTarBlock, kTarBlock));
    if (choice == 3) tar_[at + 156] = kTypes[Below(sizeof kTypes - 1)];
    if (choice == 4 || choice == 5) PutText(at, kTexts[Below(std::size(kTexts))]);
    if (choice >= 6) PutNumber(at, kNumbers[Below(std::size(kNumbers))]);
  }

  void Insert() {
    std::string header(kTarBlock, '\0');
    header.replace(257, 8, Below(2) == 0 ? std::string("ustar\00000", 8) : std::string("ustar  \0", 8));
    header[156] = kTypes[Below(sizeof kTypes - 1)];
    const std::size_t at = Below(Blocks() + 1) * kTarBlock;
    tar_.insert(at, header);
    PutText(at, kTexts[0]);
    PutText(at, kTexts[1]);
  }

  void Copy() {
    const std::string block = tar_.substr(Below(Blocks()) * kTarBlock, kTarBlock);
    tar_.insert(Below(Blocks() + 1) * kTarBlock, block);
  }

  void PutText(std::size_t at, Field field) {
    std::string text = kNames[Below(std::size(kNames))];
    text.resize(field.size, '\0');
    tar_.replace(at + field.offset, field.size, text);
  }

  void PutNumber(std::size_t at, Field field) {
    const std::uint64_t number = kEdges[Below(std::size(kEdges))] + Below(3) - 1;
    std::string text(field.size, '\0');
    if (Below(4) == 0) {
      text[0] = static_cast<char>(0x80);
      for (std::size_t i = 0; i < 8 && i + 1 < field.size; ++i) text[field.size - 1 - i] = static_cast<char>(number >> (8 * i));
    } else {
      char octal[32];
      std::snprintf(octal, sizeof octal, "%0*llo", static_cast<int>(field.size) - 1, static_cast<unsigned long long>(number));
      text = std::string(octal).substr(0, field.size - 1) + '\0';
    }
    tar_.replace(at + field.offset, field.size, text);
  }

  void Seal(std::size_t at) {
    tar_.replace(at + 148, 8, "        ");
    unsigned sum = 0;
    for (std::size_t i = 0; i < kTarBlock; ++i) sum += static_cast<unsigned char>(tar_[at + i]);
    char text[16];
    std::snprintf(text, sizeof text, "%06o", sum);
    tar_.replace(at + 148, 8, std::string(text, 7) + " ");
  }

  std::string tar_;
  std::mt19937 random_;
};

}  // namespace

std::string MutateTar(const std::string& tar, std::uint32_t seed) { return Mutation(tar, seed).Run(); }

}  // namespace tsc::fuzz
