// SPDX-License-Identifier: Apache-2.0
#include "layer/entry_sieve.h"

#include <unistd.h>

#include "core/paths.h"

namespace tsc {

Result<bool> EntrySieve::Takes(const std::string& path, char kind) {
  if (ask_ < 0) return true;
  if (IsBelowLeftOut(path)) return false;
  std::string record(1, kind);
  record += path;
  record += '\0';
  if (!WriteAll(ask_, record, "filter").ok()) return Fail("ask filter", ECANCELED, "filter");
  char said = 0;
  ssize_t n;
  do n = ::read(answer_, &said, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1) return Fail("ask filter", ECANCELED, "filter");
  if (said == '1') return true;
  if (kind == 'd') left_out_.insert(path);
  return false;
}

bool EntrySieve::IsBelowLeftOut(const std::string& path) const {
  if (left_out_.empty()) return false;
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (left_out_.contains(path.substr(0, slash))) return true;
  return false;
}

char KindOf(mode_t mode) {
  if (S_ISDIR(mode)) return 'd';
  if (S_ISLNK(mode)) return 'l';
  if (S_ISFIFO(mode)) return 'p';
  if (S_ISSOCK(mode)) return 's';
  if (S_ISBLK(mode)) return 'b';
  return S_ISCHR(mode) ? 'c' : 'f';
}

char KindOf(TarType type) {
  switch (type) {
    case TarType::kDirectory:
      return 'd';
    case TarType::kSymlink:
      return 'l';
    case TarType::kFifo:
      return 'p';
    case TarType::kBlockDevice:
      return 'b';
    case TarType::kCharDevice:
      return 'c';
    default:
      return 'f';
  }
}

}  // namespace tsc
