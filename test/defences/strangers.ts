// SPDX-License-Identifier: Apache-2.0
import type { Defence } from './defence.js'

const exhaustion = 'adversarial/runtime/exhaustion-stays-inside'
const users = 'adversarial/runtime/users-are-whom-they-are-called'
const words = 'adversarial/runtime/words-of-images-are-inert'
const refused = 'integration/container/bad-input-does-nothing'

export const strangers: readonly Defence[] = [
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
