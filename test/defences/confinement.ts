// SPDX-License-Identifier: Apache-2.0
import type { Defence } from './defence.js'

const calls = 'adversarial/runtime/forbidden-calls-are-refused'
const covered = 'adversarial/runtime/kernel-files-are-covered'
const devices = 'adversarial/runtime/devices-are-the-hosts'
const engine = 'adversarial/runtime/the-engine-is-out-of-reach'
const inside = 'adversarial/runtime/nothing-leads-out'
const places = 'adversarial/runtime/images-with-false-places'
const privileges = 'adversarial/runtime/privileges-are-not-regained'

export const confinement: readonly Defence[] = [
  {
    without: 'the memory that the engine runs from is sealed',
    group: 'processes',
    edits: [
      [
        'addon/binding/executable.cc',
        'if (::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)',
        'if (::fcntl(copy.get(), F_GET_SEALS) < 0)',
      ],
    ],
    red: [
      [
        'integration/native/supervisor-starts-in-a-clean-world',
        'runs from a sealed copy, in a session of its own, with /dev/null as its streams',
      ],
    ],
  },
  {
    without: 'processes that join cannot be traced',
    group: 'processes',
    edits: [
      ['addon/supervisor/main.cc', '::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);', '::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);'],
      [
        'addon/runtime/child_identity.cc',
        '::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);',
        '::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);',
      ],
    ],
    red: [[engine, 'the engine’s processes inside are neither written, nor traced, nor looked into: %o']],
  },
  {
    without: 'sockets are paths',
    group: 'processes',
    edits: [
      [
        'addon/supervisor/unix_socket.cc',
        'if (::listen(socket.get(), kListenBacklog) != 0) return',
        'static const int abstract = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);\n  sockaddr_un name{};\n  name.sun_family = AF_UNIX;\n  std::memcpy(name.sun_path + 1, "supervisor", 10);\n  if (::bind(abstract, reinterpret_cast<const sockaddr*>(&name), sizeof(sa_family_t) + 11) == 0) ::listen(abstract, 512);\n  if (::listen(socket.get(), kListenBacklog) != 0) return',
      ],
    ],
    red: [[engine, 'no socket of the engine has a name that a network namespace shares']],
  },
  {
    without: 'the command’s file is a mount of its own that cannot be written',
    group: 'processes',
    edits: [['addon/command/sealed.cc', 'if (info.f_flag & ST_RDONLY) return {};', 'if (info.f_bsize > 0) return {};']],
    red: [
      [
        'adversarial/the-runtime-commands-file-is-out-of-reach',
        'a container that may trace everything in it cannot change it',
      ],
    ],
  },
  {
    without: 'descriptors are closed before a program begins',
    group: 'processes',
    edits: [
      [
        'addon/runtime/child_program.cc',
        '  std::sort(keep.begin(), keep.end());\n',
        '  if (keep.size() < 100) return;\n  std::sort(keep.begin(), keep.end());\n',
      ],
    ],
    red: [
      [inside, 'a working directory that is a descriptor leads nowhere, of a container, an image and a command'],
      [inside, 'what the caller has open, inherited and not, is not open inside'],
    ],
  },
  {
    without: 'what the kernel shows is mounted at no link',
    edits: [
      ['addon/runtime/mount_kit.cc', 'if (kernel_tree) {', 'if (kernel_tree && path.empty()) {'],
      ['addon/runtime/mount_kit.cc', 'TSC_TRY(RefuseKernelTree(target.get(), path));', '(void)RefuseKernelTree;'],
    ],
    red: [[places, '%s']],
  },
  {
    without: 'control groups are read-only',
    edits: [
      [
        'src/runtime/default-mounts.ts',
        "options: [...locked, 'relatime', ...readonly]",
        "options: [...locked, 'relatime']",
      ],
    ],
    red: [[covered, 'control groups take no orders from inside: %o']],
  },
  {
    without: 'parts of /proc are read-only',
    group: 'mounts',
    edits: [
      [
        'addon/runtime/child_mounts.cc',
        'for (const auto& path : spec.readonly_paths) {',
        'for (const auto& path : spec.readonly_paths) {\n    if (!path.empty()) continue;',
      ],
    ],
    red: [[covered, 'what would have the kernel run a program of the container’s cannot be written: %o']],
  },
  {
    without: 'parts of /proc and /sys are covered',
    group: 'mounts',
    edits: [
      [
        'addon/runtime/child_mounts.cc',
        'for (const auto& path : spec.masked_paths) {',
        'for (const auto& path : spec.masked_paths) {\n    if (!path.empty()) continue;',
      ],
    ],
    red: [[covered, 'what tells of the host’s memory, keys and neighbours cannot be read: %o']],
  },
  {
    without: 'no device node outside of /dev can be opened',
    group: 'processes',
    edits: [
      [
        'addon/supervisor/container_plan.cc',
        'if (request_.root_devices) return {};',
        'if (request_.id.size() > 1) return {};',
      ],
    ],
    red: [
      [devices, 'device nodes that come with an image, a volume or a bind cannot be opened, and none can be made'],
      [devices, 'nor where root is the host’s and may make nodes'],
    ],
  },
  {
    without: 'families of sockets that few need are denied',
    edits: [
      [
        'src/security/default-seccomp.ts',
        'const deniedFamilies = { AF_KEY: 15, AF_RXRPC: 33, AF_ALG: 38, AF_VSOCK: 40 }',
        'const deniedFamilies = { AF_KEY: 15 }',
      ],
    ],
    red: [
      [calls, 'calls of the kernel that containers have no business with are refused, by other ABIs too'],
      [calls, 'capabilities open no more of them than they must'],
    ],
  },
  {
    without: 'no other ABI is spoken',
    edits: [
      ['src/security/default-seccomp.ts', 'const { archMap: _, ...profile } = hardenedProfile()\n', ''],
      [
        'src/security/default-seccomp.ts',
        '{ ...profile, architectures: [nativeSeccompArchitecture(target.architecture)] }',
        'hardenedProfile()',
      ],
    ],
    red: [[calls, 'calls of the kernel that containers have no business with are refused, by other ABIs too']],
  },
  {
    without: 'nothing is put into terminals',
    edits: [
      [
        'src/security/default-seccomp.ts',
        'const deniedIoctls = { TIOCSTI: 0x5412, TIOCLINUX: 0x541c }',
        'const deniedIoctls = { none: 0x1 }',
      ],
    ],
    red: [
      [calls, 'calls of the kernel that containers have no business with are refused, by other ABIs too'],
      [
        'unit/security/default-filter-denies-what-it-should',
        'TIOCSTI and TIOCLINUX are denied, also with high bits set; every other ioctl is allowed',
      ],
    ],
  },
  {
    without: 'the caller’s keyring is left',
    group: 'processes',
    edits: [
      [
        'addon/runtime/child_container.cc',
        'void LeaveKeyring() { ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr, 0, 0, 0); }',
        'void LeaveKeyring() {}',
      ],
      ['addon/supervisor/main.cc', '::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr, 0, 0, 0);', ''],
    ],
    red: [
      [
        'adversarial/runtime/keys-stay-the-callers',
        'keys in the session of the caller are in no container’s, whether it is started or joined',
      ],
    ],
  },
  {
    without: 'no capability is inheritable or ambient',
    edits: [
      [
        'src/security/capabilities.ts',
        'inheritable: [], ambient: []',
        'inheritable: capabilities, ambient: capabilities',
      ],
    ],
    red: [
      [privileges, 'nothing is inheritable or ambient, of a command and of one that joins'],
      [privileges, 'a user who is not root has no capability, whatever was added'],
    ],
  },
  {
    without: 'no_new_privs is set',
    group: 'processes',
    edits: [
      [
        'src/runtime/process-spec.ts',
        '    noNewPrivileges,\n    ...',
        '    noNewPrivileges: noNewPrivileges && args.length > 1000,\n    ...',
      ],
    ],
    red: [[privileges, 'set-user-ID and file capabilities give nothing, unless new privileges are allowed']],
  },
]
