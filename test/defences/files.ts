// SPDX-License-Identifier: Apache-2.0
import type { Defence } from './defence.js'

const copies = 'adversarial/files/copies-are-not-led-astray'
const inside = 'adversarial/files/paths-stay-inside'
const volumes = 'adversarial/volume/volumes-lead-nowhere-else'

// Who works on the files of a container is locked into them.
const inPlace: Defence['edits'][number] = [
  'addon/layer/confine.cc',
  'Status ConfineInPlace(int root) { return GiveUp',
  'Status ConfineInPlace(int root) { return root >= 0 ? Status{} : GiveUp',
]

export const files: readonly Defence[] = [
  {
    without: 'files of containers are looked for from inside, by who can reach nothing else, and below the root',
    edits: [
      // As openat would do it: links and dots lead out.
      ['addon/core/paths.cc', 'how.resolve = kInRoot;', 'how.resolve = kInRoot & 0;'],
      [
        'addon/core/paths.cc',
        'const int fd = sys::openat2(root, path.c_str(), how);',
        'const auto begin = path.find_first_not_of(\'/\');\n    const int fd = sys::openat2(root, begin == std::string::npos ? "." : path.c_str() + begin, how);',
      ],
      [
        'addon/files/file_root.cc',
        '#include "layer/confine.h"\n',
        '#include "core/paths.h"\n#include "layer/confine.h"\n',
      ],
      [
        'addon/files/file_root.cc',
        'if (::setns(target.pidfd, CLONE_NEWNS) != 0) return Errno("join container", "mount namespace");\n  entered.root = TSC_TRY(OpenRoot(access));\n  if (target.user_namespace) {',
        `const auto about = TSC_TRY(ReadFileAt(AT_FDCWD, ("/proc/self/fdinfo/" + std::to_string(target.pidfd)).c_str()));
  const auto pid = std::to_string(std::stoi(about.substr(about.find("Pid:") + 4)));
  entered.root.reset(::open(("/proc/" + pid + "/root").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!entered.root) entered.root = TSC_TRY(OpenRoot(access));
  if (target.user_namespace && target.pidfd < 0) {`,
      ],
      inPlace,
    ],
    red: [
      [inside, 'links and dots end at the container’s root'],
      [inside, 'magic links of proc lead nowhere'],
    ],
  },
  {
    without: 'a part of a volume is below it',
    edits: [
      ['addon/core/paths.cc', 'how.resolve = kInRoot;', 'how.resolve = kInRoot & 0;'],
      [
        'addon/core/paths.cc',
        'const int fd = sys::openat2(root, path.c_str(), how);',
        'const auto begin = path.find_first_not_of(\'/\');\n    const int fd = sys::openat2(root, begin == std::string::npos ? "." : path.c_str() + begin, how);',
      ],
    ],
    red: [[volumes, 'who puts links where a part is mounted from leads it nowhere outside']],
  },
  {
    without: 'nothing is mounted over what the kernel shows',
    group: 'files',
    edits: [
      ['addon/runtime/mount_kit.cc', 'TSC_TRY(RefuseKernelTree(target.get(), path));', '(void)RefuseKernelTree;'],
    ],
    red: [[volumes, 'who swaps a mount’s place for links leads it neither out nor over the kernel’s files']],
  },
  {
    without: 'a tar is unpacked below its target',
    edits: [
      [
        'addon/layer/entry_name.cc',
        'if (part.empty() || part == ".") continue;',
        'if (part.empty() || part == "." || (part == ".." && parts.empty())) continue;',
      ],
    ],
    red: [[inside, 'a tar cannot write outside of where it is unpacked']],
  },
  {
    without: 'only files are opened',
    group: 'files',
    edits: [
      [
        'addon/files/open_file.cc',
        'if (S_ISREG(info.st_mode)) return {};',
        'if (!S_ISDIR(info.st_mode) && !S_ISLNK(info.st_mode)) return {};',
      ],
    ],
    red: [[inside, 'a FIFO, a device and a socket are not opened, and nobody waits']],
  },
  {
    without: 'nothing of the container is loaded',
    group: 'files',
    edits: [
      inPlace,
      [
        'addon/files/file_owner.cc',
        'const auto wanted = value.get<std::string>();',
        'const auto wanted = value.get<std::string>();\n  // As a look-up by the container’s own programs would do it.\n  const pid_t child = ::fork();\n  if (child == 0) {\n    if (::fchdir(root) == 0 && ::chroot(".") == 0) ::execl("/usr/bin/getent", "getent", "passwd", wanted.c_str(), nullptr);\n    ::_exit(1);\n  }\n  ::waitpid(child, nullptr, 0);',
      ],
      [
        'addon/files/file_owner.cc',
        '#include <sys/stat.h>\n',
        '#include <sys/stat.h>\n#include <sys/wait.h>\n#include <unistd.h>\n',
      ],
    ],
    red: [[copies, 'what could be loaded from the container is not (CVE-2019-14271)']],
  },
  {
    without: 'what comes out has no set-id bits',
    group: 'files',
    edits: [['addon/layer/worker_tree.cc', 'options.trusted = false;', 'options.trusted = true;']],
    red: [[copies, 'what comes out has no power on the host']],
  },
  {
    without: 'VOLUME over what the kernel shows is none',
    group: 'files',
    edits: [
      [
        'src/runtime/image-volumes.ts',
        "(target) => target !== '/dev/shm' && !isProtectedTarget(target)",
        "(target) => target !== '/dev/shm' || !isProtectedTarget(target)",
      ],
    ],
    red: [[volumes, 'VOLUME over what the kernel shows leaves it the kernel’s']],
  },
  {
    without: 'volumes are filled without devices',
    group: 'files',
    edits: [['addon/supervisor/volume_fill.cc', 'options.devices = false;', 'options.devices = true;']],
    red: [[volumes, 'an image puts no devices into a volume, and setuid is of no use there']],
  },
  {
    without: 'volumes are filled from where links lead in the image',
    group: 'files',
    edits: [
      [
        'addon/supervisor/stack_lookup.cc',
        'if (++links > kMaxLinks) return Fail("read layers", ELOOP, path);',
        'if (++links > 0) return Found();\n      if (links > kMaxLinks) return Fail("read layers", ELOOP, path);',
      ],
    ],
    red: [[volumes, 'a volume at a link of the image is not filled from the host']],
  },
]
