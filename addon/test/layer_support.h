// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "core/paths.h"
#include "core/unique_fd.h"
#include "layer/apply.h"

// What the tests of addon/layer share.
namespace tsc::test {

// A directory that is gone with its scope.
class TempDir {
 public:
  TempDir() {
    char name[] = "/tmp/tsc-layer-XXXXXX";
    path_ = ::mkdtemp(name);
    fd_.reset(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~TempDir() { (void)RemoveTree(AT_FDCWD, path_.c_str()); }
  TempDir(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string At(const std::string& name) const { return path_ + "/" + name; }
  int fd() const { return fd_.get(); }

 private:
  std::string path_;
  UniqueFd fd_;
};

inline UniqueFd Memory(std::string_view content) {
  UniqueFd fd(::memfd_create("test", MFD_CLOEXEC));
  (void)WriteAll(fd.get(), content, "memory");
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

// Standard output of a shell command, nothing where it fails.
inline std::optional<std::string> Shell(const std::string& command) {
  FILE* pipe = ::popen(("LC_ALL=C; export LC_ALL; " + command).c_str(), "re");
  std::string output;
  char buffer[65536];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  if (::pclose(pipe) != 0) return std::nullopt;
  return output;
}

// Writes archives by hand, malformed ones as well.
class TarBuilder {
 public:
  struct Header {
    std::string name;
    char type = '0';
    std::string data = {};
    std::string link = {};
    unsigned mode = 0644;
    unsigned uid = 0;
    unsigned gid = 0;
    unsigned mtime = 1;
    unsigned major = 0;
    unsigned minor = 0;
    std::optional<std::uint64_t> size = {};  // where it lies about the data
  };

  TarBuilder& Add(const Header& header) {
    tar_ += Block(header);
    tar_ += header.data;
    tar_.resize((tar_.size() + 511) / 512 * 512, '\0');
    return *this;
  }
  TarBuilder& File(const std::string& name, const std::string& data = "") { return Add({.name = name, .data = data}); }
  TarBuilder& Dir(const std::string& name, unsigned mode = 0755) { return Add({.name = name, .type = '5', .mode = mode}); }
  TarBuilder& Symlink(const std::string& name, const std::string& target) { return Add({.name = name, .type = '2', .link = target}); }
  TarBuilder& Link(const std::string& name, const std::string& target) { return Add({.name = name, .type = '1', .link = target}); }
  TarBuilder& Pax(const std::string& records) { return Add({.name = "pax", .type = 'x', .data = records}); }
  TarBuilder& Raw(const std::string& bytes) {
    tar_ += bytes;
    return *this;
  }
  std::string End() const { return tar_ + std::string(1024, '\0'); }
  std::string Open() const { return tar_; }

  static std::string Record(const std::string& key, const std::string& value) {
    const std::string rest = " " + key + "=" + value + "\n";
    std::size_t length = rest.size() + 1;
    while (std::to_string(length).size() + rest.size() != length) length = std::to_string(length).size() + rest.size();
    return std::to_string(length) + rest;
  }

  static std::string Block(const Header& h) {
    std::string block(512, '\0');
    const auto put = [&](std::size_t at, std::string_view text) { block.replace(at, text.size(), text); };
    const auto octal = [&](std::size_t at, int digits, unsigned long long value) {
      char text[32];
      std::snprintf(text, sizeof text, "%0*llo", digits, value);
      put(at, text);
    };
    put(0, std::string_view(h.name).substr(0, 100));
    octal(100, 7, h.mode);
    octal(108, 7, h.uid);
    octal(116, 7, h.gid);
    octal(124, 11, h.size.value_or(h.data.size()));
    octal(136, 11, h.mtime);
    block[156] = h.type;
    put(157, std::string_view(h.link).substr(0, 100));
    put(257, std::string_view("ustar\00000", 8));
    octal(329, 7, h.major);
    octal(337, 7, h.minor);
    return Seal(std::move(block));
  }

  // Sets the checksum.
  static std::string Seal(std::string block) {
    block.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    char text[8];
    std::snprintf(text, sizeof text, "%06o", sum);
    block.replace(148, 8, std::string(text, 7) + " ");
    return block;
  }

 private:
  std::string tar_;
};

inline Result<UnpackResult> Unpack(std::string_view blob, const TempDir& target, UnpackOptions options = {}) {
  const UniqueFd input = Memory(blob);
  options.input = input.get();
  options.target = target.fd();
  return UnpackLayer(options);
}

inline std::optional<struct stat> Stat(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
  return info;
}

inline std::string Content(const std::string& path) {
  auto text = ReadFileAt(AT_FDCWD, path.c_str(), 64 << 20);
  return text ? std::move(*text) : "<" + std::string(std::strerror(text.failure().error)) + ">";
}

inline std::string Target(const std::string& path) {
  char link[4096];
  const ssize_t n = ::readlink(path.c_str(), link, sizeof link);
  return n < 0 ? "" : std::string(link, static_cast<std::size_t>(n));
}

inline std::string Xattr(const std::string& path, const char* name) {
  char value[4096];
  const ssize_t n = ::lgetxattr(path.c_str(), name, value, sizeof value);
  return n < 0 ? "<" + std::string(std::strerror(errno)) + ">" : std::string(value, static_cast<std::size_t>(n));
}

inline bool IsWhiteout(const std::string& path) {
  const auto info = Stat(path);
  return info && S_ISCHR(info->st_mode) && info->st_rdev == 0;
}

}  // namespace tsc::test
