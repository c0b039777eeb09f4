// SPDX-License-Identifier: Apache-2.0
#include "random_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/unique_fd.h"

namespace tsc::test {
namespace {

constexpr std::size_t kEntries = 24;
constexpr const char* kPieces[] = {"a", "b", "Z", "0", " ", "-", ".", "é", "\xff", "\n", "\\", "\"", "*", "=", "%", "😀"};
constexpr std::size_t kLengths[] = {1, 2, 5, 98, 99, 100, 101, 120, 155};
constexpr off_t kSizes[] = {0, 1, 511, 512, 513, 4096, 70'000};
constexpr uid_t kIds[] = {0, 1, 1000, 65'534, 2'097'151, 2'097'152, 4'000'000'000};
constexpr time_t kTimes[] = {0, 1, 1'000'000'000, 1'700'000'000, 4'000'000'000, 8'589'934'592};
constexpr mode_t kModes[] = {0, 0400, 0644, 0755, 0777, 01777, 02755, 04755, 07777};

}  // namespace

std::string RandomTree::Name() {
  std::string name;
  const std::size_t length = kLengths[Below(std::size(kLengths))];
  while (name.size() < length) name += kPieces[Below(Below(3) == 0 ? std::size(kPieces) : 4)];
  return name == "." || name == ".." ? "dot" : name;
}

std::string RandomTree::Place() { return directories_[Below(directories_.size())] + "/" + Name(); }

void RandomTree::Make() {
  directories_ = {root_};
  for (std::size_t i = 0; i < kEntries; ++i) MakeEntry(Place());
  // A link changes what its directory is like, and so would a file: times last, and from below.
  for (auto path = all_.rbegin(); path != all_.rend(); ++path) Decorate(*path);
  Decorate(root_);
}

void RandomTree::MakeEntry(const std::string& path) {
  if (path.size() - root_.size() > 900) return;
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) return;
  const std::size_t kind = Below(10);
  if (kind < 3 && ::mkdir(path.c_str(), 0755) == 0)
    directories_.push_back(path);
  else if (kind == 3)
    (void)!::symlink(Name().append(Below(3) == 0 ? std::string(120, 'x') : "/..").c_str(), path.c_str());
  else if (kind == 4 && !files_.empty())
    return (void)!::linkat(AT_FDCWD, files_[Below(files_.size())].c_str(), AT_FDCWD, path.c_str(), 0);
  else if (kind == 5)
    MakeNode(path);
  else if (kind > 5)
    MakeFile(path);
  all_.push_back(path);
}

void RandomTree::MakeFile(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  const off_t size = kSizes[Below(std::size(kSizes))];
  const bool holes = Below(3) == 0;
  for (std::size_t parts = 1 + Below(3); parts > 0; --parts) {
    const std::string data(static_cast<std::size_t>(size), static_cast<char>('a' + Below(26)));
    (void)!::pwrite(file.get(), data.data(), data.size(), holes ? static_cast<off_t>(Below(64)) * 65'536 : 0);
  }
  if (holes) (void)!::ftruncate(file.get(), static_cast<off_t>(64 * 65'536 + Below(100'000)));
  files_.push_back(path);
}

void RandomTree::MakeNode(const std::string& path) {
  const dev_t device = makedev(1 + Below(3) * 2000, 3 + Below(2) * 100'000);
  const mode_t type = Below(2) == 0 ? S_IFIFO : Below(2) == 0 ? S_IFCHR : S_IFBLK;
  if (::mknod(path.c_str(), type | 0644, device) != 0) ::mkfifo(path.c_str(), 0644);
  if (Below(2) == 0) files_.push_back(path);
}

void RandomTree::SetAttributes(const std::string& path) {
  const std::string value = Below(2) == 0 ? std::string("a=b\n\0c", 6) : std::string(Below(200), 'v');
  (void)::lsetxattr(path.c_str(), "user.note", value.data(), value.size(), 0);
  if (Below(2) == 0) (void)::lsetxattr(path.c_str(), "user.empty", "", 0, 0);
}

void RandomTree::Decorate(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return;
  if (Below(3) == 0) (void)!::lchown(path.c_str(), kIds[Below(std::size(kIds))], kIds[Below(std::size(kIds))]);
  if (Below(3) == 0) SetAttributes(path);
  const mode_t mode = kModes[Below(std::size(kModes))];
  // Who is not root still has to read it.
  if (!S_ISLNK(info.st_mode)) (void)!::chmod(path.c_str(), ::geteuid() == 0 ? mode : mode | (S_ISDIR(info.st_mode) ? 0700 : 0600));
  const timespec time{kTimes[Below(std::size(kTimes))], Below(2) == 0 ? 0 : static_cast<long>(Below(1'000'000'000))};
  const timespec times[] = {time, time};
  (void)::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
}

}  // namespace tsc::test
