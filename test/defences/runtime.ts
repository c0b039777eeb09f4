// SPDX-License-Identifier: Apache-2.0
import type { Defence } from './defence.js'

const calls = 'adversarial/runtime/forbidden-calls-are-refused'
const covered = 'adversarial/runtime/kernel-files-are-covered'
const devices = 'adversarial/runtime/devices-are-the-hosts'
const engine = 'adversarial/runtime/the-engine-is-out-of-reach'
const exhaustion = 'adversarial/runtime/exhaustion-stays-inside'
const inside = 'adversarial/runtime/nothing-leads-out'
const places = 'adversarial/runtime/images-with-false-places'
const privileges = 'adversarial/runtime/privileges-are-not-regained'
const users = 'adversarial/runtime/users-are-whom-they-are-called'
const words = 'adversarial/runtime/words-of-images-are-inert'
const refused = 'integration/container/bad-input-does-nothing'

export const runtime: readonly Defence[] = [
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
        'addon/runtime/child_container.cc',
        '::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);',
        '::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);',
      ],
      [
        'addon/runtime/child_identity.cc',
        '::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // as',
        '::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // as',
      ],
      [
        'addon/runtime/child_identity.cc',
        '::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);\n',
        '::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);\n',
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
        'if (::listen(socket.get(), 512) != 0) return',
        'static const int abstract = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);\n  sockaddr_un name{};\n  name.sun_family = AF_UNIX;\n  std::memcpy(name.sun_path + 1, "supervisor", 10);\n  if (::bind(abstract, reinterpret_cast<const sockaddr*>(&name), sizeof(sa_family_t) + 11) == 0) ::listen(abstract, 512);\n  if (::listen(socket.get(), 512) != 0) return',
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
  {
    without: 'the variables of an image are the container’s alone',
    edits: [
      [
        'addon/supervisor/container_plan.cc',
        '  TSC_TRY(MountRoot(plan));\n',
        `  // A hook that runs on the host with them.
  std::vector<char*> env;
  if (request_.spec.process)
    for (const auto& entry : request_.spec.process->env) env.push_back(const_cast<char*>(entry.c_str()));
  env.push_back(nullptr);
  char* const args[] = {const_cast<char*>("true"), nullptr};
  const pid_t hook = ::fork();
  if (hook == 0) {
    ::execve("/bin/true", args, env.data());
    ::_exit(1);
  }
  ::waitpid(hook, nullptr, 0);
  TSC_TRY(MountRoot(plan));
`,
      ],
      [
        'addon/supervisor/container_plan.cc',
        '#include "core/paths.h"\n',
        '#include <sys/wait.h>\n#include "core/paths.h"\n',
      ],
    ],
    red: [[words, 'variables and labels of an image do nothing on the host, whatever is done with its containers']],
  },
  {
    without: 'programs are not looked for where the caller’s PATH leads',
    edits: [
      // As an engine would that calls programs.
      [
        'addon/supervisor/main.cc',
        '  auto host = OpenHost(arguments.host);\n',
        '  (void)!std::system("nft list tables");\n  auto host = OpenHost(arguments.host);\n',
      ],
      [
        'src/native/start-supervisor.ts',
        '  return [\n    path,\n',
        '  return [\n    process.env.PATH === undefined ? path : `PATH=${process.env.PATH}`,\n',
      ],
    ],
    red: [[words, 'programs that the caller’s PATH leads to are not run by the engine']],
  },
  {
    without: 'a user is a name or a number in full',
    edits: [
      [
        'addon/runtime/user_lookup.cc',
        'if (Malformed(user_part)) return',
        'if (Malformed(user_part) && user_part.empty()) return',
      ],
      [
        'addon/runtime/user_lookup.cc',
        'if (text.empty() || text.size() > 10 || !IsDigits(text)) return {};',
        'if (text.empty()) return {};',
      ],
      ['addon/runtime/user_lookup.cc', '  if (number > 0x7fffffff) return {};\n', ''],
      [
        'src/runtime/option-checks.ts',
        String.raw`const account = '[^\\0\\n\\r/:+-][^\\0\\n\\r/:]{0,255}'`,
        String.raw`const account = '[^\\0]{0,300}'`,
      ],
    ],
    red: [[users, 'a user that is none is refused, of a container and of a command']],
  },
  {
    without: 'a number is an id, whatever an image calls by it',
    group: 'accounts',
    edits: [
      [
        'addon/runtime/user_lookup.cc',
        '  if (!number) {\n    if (IsDigits',
        '  EachLine(passwd, 4, [&](const Fields& fields) { return fields[0] == wanted && take(fields); });\n  if (account.found) return account;\n  if (!number) {\n    if (IsDigits',
      ],
    ],
    red: [
      [users, 'an image that names a user or a group by a number makes nobody root'],
      [users, 'a user whose name is 1000 is not who 1000 is, and its groups are not theirs'],
    ],
  },
  {
    without: 'account files are files of the container',
    group: 'accounts',
    edits: [
      [
        'addon/runtime/user_lookup.cc',
        'O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC',
        'O_RDONLY | O_NOCTTY | O_CLOEXEC',
      ],
      ['addon/runtime/user_lookup.cc', ' || !S_ISREG(info.st_mode)', ''],
      ['addon/files/file_owner.cc', ' || !S_ISREG(info.st_mode)', ''],
      ['addon/files/file_owner.cc', 'O_RDONLY | O_NONBLOCK | O_NOCTTY', 'O_RDONLY | O_NOCTTY'],
    ],
    red: [
      [users, 'account files that are a FIFO, a device, a link, or endless, hold nobody up and name nobody'],
      ['adversarial/files/paths-stay-inside', 'account files may be anything'],
    ],
  },
  {
    without: 'groups are those in which the account stands',
    group: 'accounts',
    edits: [
      [
        'addon/runtime/user_lookup.cc',
        'if (gid && std::find(members.begin(), members.end(), name) != members.end() &&',
        'if (gid && !name.empty() && !members.empty() &&',
      ],
    ],
    red: [[users, 'the groups are those of the account, exactly']],
  },
  {
    without: 'names are no paths',
    edits: [
      [
        'src/container/find-container.ts',
        "typeof idOrName !== 'string' || !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(idOrName)",
        "typeof idOrName !== 'string'",
      ],
      [
        'src/util/object-name.ts',
        "typeof value === 'string' && /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(value)",
        "typeof value === 'string'",
      ],
    ],
    red: [
      [refused, 'ids and names that could be paths'],
      ['adversarial/volume/volumes-lead-nowhere-else', 'names of volumes are no paths'],
    ],
  },
  {
    without: 'sysctls are those of namespaces, in one line',
    edits: [
      ['src/runtime/sysctls.ts', 'if (ipc.test(name) || network.test(name)) continue', 'if (name.length > 0) continue'],
    ],
    red: [[refused, '%s']],
  },
  {
    without: 'members are an object’s own',
    edits: [
      [
        'src/oci/fields.ts',
        'Object.hasOwn(this.#object, key) ? (Reflect.get(this.#object, key) ?? undefined) : undefined',
        'Reflect.get(this.#object, key) ?? undefined',
      ],
      [
        'src/oci/json.ts',
        'try {\n    return JSON.parse(text)\n',
        'try {\n    return Object.assign({}, JSON.parse(text))\n',
      ],
    ],
    red: [['unit/oci/hostile-documents-are-refused', 'with __proto__ is read by its own members only']],
  },
  {
    without: 'half of inotify is left to others',
    group: 'processes',
    edits: [
      ['addon/runtime/child_container.cc', 'if (namespaces & CLONE_NEWUSER) LeaveWatches();', '(void)LeaveWatches;'],
    ],
    red: [[exhaustion, 'who takes every descriptor and every watch of the kernel leaves others theirs']],
  },
  {
    without: 'logs are rotated',
    group: 'processes',
    edits: [
      [
        'addon/supervisor/log_file.cc',
        'if (size_ >= options_.max_bytes) Rotate();',
        'if (size_ >= 1000 * options_.max_bytes) Rotate();',
      ],
    ],
    red: [[exhaustion, 'a line without an end fills neither the disk nor the supervisor']],
  },
  {
    without: 'terminals of commands that failed are closed',
    group: 'processes',
    edits: [
      [
        'addon/supervisor/exec_process.cc',
        'if (report.kind == ReportKind::kTerminal) terminal_ = std::move(descriptor);',
        'if (report.kind == ReportKind::kTerminal) {\n      (void)!::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 100);\n      terminal_ = std::move(descriptor);\n    }',
      ],
    ],
    red: [[exhaustion, 'commands on terminals that cannot start, by the dozen, leave no terminal behind']],
  },
  {
    without: 'what stops too slowly is killed',
    group: 'processes',
    edits: [
      [
        'addon/supervisor/container.cc',
        'stop_timer_ = context_.loop->After(std::chrono::milliseconds(timeout_ms), [this] {',
        'stop_timer_ = context_.loop->After(std::chrono::milliseconds(timeout_ms * 10000), [this] {',
      ],
    ],
    red: [[exhaustion, 'who is stopped, or deaf to every signal, still ends']],
  },
  {
    without: 'control characters of strangers are escaped',
    edits: [
      ['src/errors/printable.ts', 'if (!isHarmful(unit)) continue', 'if (!isHarmful(unit) || unit > 0) continue'],
    ],
    red: [
      ['unit/errors/engine-error-is-recognised-across-copies', 'escapes control characters of strangers'],
      ['unit/registry/failures-have-their-own-code', 'cannot move the cursor of a terminal, or fill it'],
    ],
  },
  {
    without: 'strings are skipped in one pass',
    edits: [['src/oci/json.ts', '  return at\n', '  return at < text.length || start > 3000 ? at : start\n']],
    red: [['unit/oci/hostile-documents-are-refused', 'takes linear time for quotes without end']],
  },
  {
    without: 'a damaged record is set aside',
    group: 'processes',
    edits: [
      [
        'addon/supervisor/stored_container.cc',
        'if (*was_whole && Quarantine(host, id)) return false;',
        '(void)Quarantine;',
      ],
    ],
    red: [
      [
        'adversarial/runtime/records-that-are-damaged',
        'a container whose record is damaged is set aside with what it holds, and the others work',
      ],
    ],
  },
]
