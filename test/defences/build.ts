// SPDX-License-Identifier: Apache-2.0
import type { Defence } from './defence.js'

const archives = 'adversarial/build/archives-and-stages-lead-nowhere'
const commands = 'adversarial/build/commands-do-not-reach-the-host'
const contexts = 'adversarial/build/contexts-stay-inside'
const large = 'adversarial/build/large-contexts-are-borne'
const secrets = 'adversarial/build/secrets-are-seen-by-their-command-alone'
const git = 'unit/build/git/git-is-called'

// A worker that is locked into its directory finds nothing outside, whatever else is missing.
const unconfined: Defence['edits'][number] = [
  'addon/layer/confine.cc',
  '  using confine::Caps;\n',
  '  if (target_dir >= 0) return {};\n  using confine::Caps;\n',
]

export const build: readonly Defence[] = [
  {
    without: 'archives are unpacked below their root, by who can reach nothing else',
    edits: [
      unconfined,
      [
        'addon/layer/entry_name.cc',
        'if (part.empty() || part == ".") continue;',
        'if (part.empty() || part == "." || part == "..") {\n      if (part == "..") parts.push_back(part);\n      continue;\n    }',
      ],
      ['addon/core/paths.cc', 'how.resolve = kInRoot;', 'how.resolve = kInRoot & 0;'],
      [
        'addon/core/paths.cc',
        'const int fd = sys::openat2(root, path.c_str(), how);',
        'const auto begin = path.find_first_not_of(\'/\');\n    const int fd = sys::openat2(root, begin == std::string::npos ? "." : path.c_str() + begin, how);',
      ],
    ],
    red: [[archives, 'in a context that is an archive leads nowhere']],
  },
  {
    without: 'dots end at the root of a context, and workers reach nothing else',
    edits: [
      unconfined,
      [
        'addon/build/stack_path.cc',
        'if (part == "..") {\n      if (!place_.missing',
        'if (part == ".." && todo_.size() > 100) {\n      if (!place_.missing',
      ],
    ],
    red: [
      [contexts, 'wildcards find nothing outside'],
      [contexts, 'a target whose links lead to the host is written inside the layer'],
    ],
  },
  {
    without: 'what is copied is what was decided upon',
    group: 'steps',
    edits: [
      [
        'addon/build/copy_step.cc',
        'if (!options_.expected.empty() && options_.expected != result_.digest) return',
        'if (!options_.expected.empty() && result_.digest.empty()) return',
      ],
    ],
    red: [[contexts, 'files that are not what the decision was about are not copied']],
  },
  {
    without: 'places of mounts are taken out of the layer',
    group: 'steps',
    edits: [
      [
        'src/build/run/run-command.ts',
        '{ container: container.id, mountPoints }',
        '{ container: container.id, mountPoints: mountPoints.slice(1000) }',
      ],
    ],
    red: [
      ['integration/build/commands-become-layers', 'leave nothing in the layer, also where links lead to the place'],
    ],
  },
  {
    without: 'git talks to who may be asked',
    group: 'steps',
    edits: [
      [
        'src/build/git/git-environment.ts',
        "GIT_ALLOW_PROTOCOL: 'http:https:ssh:git'",
        "GIT_ALLOW_PROTOCOL: 'http:https:ssh:git:file:ext'",
      ],
    ],
    red: [[git, 'asks files of this machine and programs for no repository']],
  },
  {
    without: 'git has an environment of its own',
    group: 'steps',
    edits: [
      [
        'src/build/git/git-environment.ts',
        '    ...Object.fromEntries(own),\n',
        '    ...process.env,\n    ...Object.fromEntries(own),\n',
      ],
    ],
    red: [[git, 'gives nothing of the caller’s environment and settings along']],
  },
  {
    without: 'a cache is called by a digest',
    group: 'steps',
    edits: [
      [
        'src/build/run/cache-directory.ts',
        'return layerName(digestOf(`build cache ${JSON.stringify(parts)}`))',
        'return parts.length > 1 ? layerName(digestOf(`build cache ${JSON.stringify(parts)}`)) : id',
      ],
      ['addon/supervisor/build_cache.cc', 'if (!IsId(name)) return', 'if (name.empty()) return'],
    ],
    red: [[commands, 'what a command leaves in a cache leads the next one nowhere']],
  },
  {
    without: 'what a secret is said in is in no layer',
    edits: [
      [
        'src/build/run/run-command.ts',
        'command: vertex.args,',
        "command: ['/bin/busybox', 'sh', '-c', '/bin/busybox env > /leaked; exec \"$0\" \"$@\"', ...vertex.args],",
      ],
    ],
    red: [[secrets, 'a secret is in no layer, config, history, record or report']],
  },
  {
    without: 'a secret is for one command',
    edits: [
      ['src/build/run/add-secret.ts', 'const content = Buffer', 'shared.set(id, secret)\n  const content = Buffer'],
      [
        'src/build/run/add-secret.ts',
        'const defaultMode = 0o400',
        'const defaultMode = 0o400\nconst shared = new Map<string, unknown>()\nexport const leaked = (): Record<string, string> => Object.fromEntries([...shared].map(([key, value]) => [`SECRET_${key}`, String(value)]))',
      ],
      [
        'src/build/run/run-command.ts',
        'env: { ...proxy, ...surroundings.env },',
        'env: { ...proxy, ...surroundings.env, ...leaked() },',
      ],
      [
        'src/build/run/run-command.ts',
        'import { commandFailed',
        "import { leaked } from './add-secret.js'\nimport { commandFailed",
      ],
    ],
    red: [[secrets, 'commands beside it, before it and after it see nothing of it']],
  },
  {
    without: 'a command has variables of its own',
    group: 'commands',
    edits: [
      [
        'src/build/run/run-command.ts',
        'env: { ...proxy, ...surroundings.env },',
        'env: { ...(process.env as Record<string, string>), ...proxy, ...surroundings.env },',
      ],
    ],
    red: [[secrets, 'a command has nothing of this process: neither its environment nor its descriptors']],
  },
  {
    without: 'a command is as little as a container',
    group: 'commands',
    edits: [
      [
        'src/build/run/run-command.ts',
        '    init: false,\n',
        "    init: false,\n    privileged: true,\n    userns: 'host',\n",
      ],
    ],
    red: [[commands, 'a command has no more capabilities than one of a container, and no devices']],
  },
  {
    without: 'what other caches said is filed apart',
    group: 'commands',
    edits: [
      [
        'src/build/cache/importing-cache.ts',
        'if (!imported) return await this.#local.put(record)',
        'if (!imported || record.layers.length > 0) return await this.#local.put(record)',
      ],
    ],
    red: [['adversarial/build/caches-that-lie', 'is believed by builds that name it, and by no others']],
  },
  {
    without: 'triggers are counted',
    group: 'commands',
    edits: [['src/build/graph/stage-builder.ts', 'const maxTriggers = 2000', 'const maxTriggers = 2e6']],
    red: [['unit/build/dockerfile/bombs-are-refused-soon', 'with more triggers than any has is refused']],
  },
  {
    without: 'patterns are counted',
    group: 'commands',
    edits: [['src/build/ignore/ignore-matcher.ts', 'const maxPatterns = 10_000', 'const maxPatterns = 1e9']],
    red: [[large, 'patterns that are meant to take for ever do not']],
  },
]
