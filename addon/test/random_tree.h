// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace tsc::test {

// Fills a directory with what file systems can have and archives have trouble with: long and odd names, holes, hard links, devices,
// attributes, unusual modes, large ids and old times. The same seed makes the same tree. An ordinary user gets what one may make.
class RandomTree {
 public:
  RandomTree(std::string root, std::uint32_t seed) : root_(std::move(root)), random_(seed) {}

  void Make();

 private:
  std::size_t Below(std::size_t end) { return random_() % end; }
  std::string Name();
  std::string Place();
  void MakeEntry(const std::string& path);
  void MakeFile(const std::string& path);
  void MakeNode(const std::string& path);
  void Decorate(const std::string& path);
  void SetAttributes(const std::string& path);

  std::string root_;
  std::mt19937 random_;
  std::vector<std::string> directories_, files_, all_;
};

}  // namespace tsc::test
