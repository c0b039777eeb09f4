// SPDX-License-Identifier: Apache-2.0
#include "cgroup/mounts.h"

#include <fcntl.h>

#include <optional>

#include "core/paths.h"

namespace tsc {
namespace {

std::string_view TakeUntil(std::string_view* text, char end) {
  const auto at = text->find(end);
  const auto part = text->substr(0, at);
  *text = at == std::string_view::npos ? std::string_view{} : text->substr(at + 1);
  return part;
}

// mountinfo writes space, tab, newline and backslash as \ooo.
std::string Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

ControllerSet V1Controllers(std::string_view names) {
  ControllerSet set = 0;
  while (!names.empty()) {
    const auto name = TakeUntil(&names, ',');
    for (const auto& known : kControllerNames) {
      if (!known.v1.empty() && known.v1 == name) set |= known.bit;
    }
  }
  return set;
}

// "rw,seclabel,cpu,cpuacct,xattr,name=x": what names the hierarchy. The order is the kernel's own in both files.
std::string HierarchyNames(std::string_view options) {
  std::string names;
  while (!options.empty()) {
    const auto option = TakeUntil(&options, ',');
    const bool named = option.substr(0, 5) == "name=";
    if (!named && V1Controllers(option) == 0) continue;
    if (!names.empty()) names += ',';
    names += option;
  }
  return names;
}

// 36 35 98:0 /root /point rw,opts shared:1 - type source super,options
std::optional<CgroupMount> ParseLine(std::string_view line) {
  CgroupMount mount;
  TakeUntil(&line, ' ');
  TakeUntil(&line, ' ');
  mount.device = TakeUntil(&line, ' ');
  mount.root = Unescape(TakeUntil(&line, ' '));
  mount.point = Unescape(TakeUntil(&line, ' '));
  const auto separator = line.find(" - ");
  if (separator == std::string_view::npos) return std::nullopt;
  line.remove_prefix(separator + 3);
  const auto type = TakeUntil(&line, ' ');
  TakeUntil(&line, ' ');
  if (type == "cgroup2") {
    mount.unified = true;
  } else if (type == "cgroup") {
    mount.names = HierarchyNames(line);
    mount.controllers = V1Controllers(mount.names);
  } else {
    mount.names = "not a cgroup";
  }
  return mount;
}

bool IsCgroup(const CgroupMount& mount) { return mount.unified || mount.names != "not a cgroup"; }

bool Below(std::string_view path, std::string_view directory) {
  if (directory == "/") return true;
  return path.substr(0, directory.size()) == directory && (path.size() == directory.size() || path[directory.size()] == '/');
}

// In a cgroup namespace a process outside of its root has "/../other" here.
std::string OwnBelow(std::string_view path, std::string_view root) {
  if (path.find("/..") != std::string_view::npos || !Below(path, root)) return {};
  const auto rest = root == "/" ? path : path.substr(root.size());
  return rest.empty() ? "/" : std::string(rest);
}

void PlaceOwn(std::string_view self_cgroup, std::vector<CgroupMount>* mounts) {
  while (!self_cgroup.empty()) {
    auto line = TakeUntil(&self_cgroup, '\n');
    TakeUntil(&line, ':');
    const auto names = TakeUntil(&line, ':');
    for (auto& mount : *mounts) {
      if (mount.unified ? names.empty() : !names.empty() && HierarchyNames(names) == mount.names) mount.own = OwnBelow(line, mount.root);
    }
  }
}

bool Preferred(const CgroupMount& mount) { return Below(mount.point, "/sys/fs/cgroup"); }

void Keep(CgroupMount mount, std::vector<CgroupMount>* kept) {
  for (auto& other : *kept) {
    if (other.unified != mount.unified || other.names != mount.names) continue;
    if (Preferred(mount) && !Preferred(other)) other = std::move(mount);
    return;
  }
  kept->push_back(std::move(mount));
}

}  // namespace

std::vector<CgroupMount> ParseCgroupMounts(std::string_view mountinfo, std::string_view self_cgroup) {
  std::vector<CgroupMount> all;
  while (!mountinfo.empty()) {
    auto mount = ParseLine(TakeUntil(&mountinfo, '\n'));
    if (!mount) continue;
    std::erase_if(all, [&](const CgroupMount& earlier) { return earlier.point == mount->point; });
    if (IsCgroup(*mount)) all.push_back(*std::move(mount));
  }
  std::vector<CgroupMount> kept;
  for (auto& mount : all) Keep(std::move(mount), &kept);
  PlaceOwn(self_cgroup, &kept);
  return kept;
}

Result<std::vector<CgroupMount>> ReadCgroupMounts() {
  const auto mountinfo = TSC_TRY(ReadFileAt(AT_FDCWD, "/proc/self/mountinfo", 64 << 20));
  const auto self = TSC_TRY(ReadFileAt(AT_FDCWD, "/proc/self/cgroup"));
  return ParseCgroupMounts(mountinfo, self);
}

}  // namespace tsc
