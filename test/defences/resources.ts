// SPDX-License-Identifier: Apache-2.0
import type { Defence } from './defence.js'

const limits = 'integration/container/limits-hold'

export const resources: readonly Defence[] = [
  {
    without: 'memory is limited',
    group: 'limits',
    edits: [
      [
        'src/runtime/resources.ts',
        '...(Object.keys(memory).length > 0 && { memory }),',
        '...(Object.keys(memory).length > 1000 && { memory }),',
      ],
    ],
    red: [
      [limits, '64 MiB against 200: killed, told, and the engine goes on'],
      [limits, 'a command that is killed for want of memory is not the end of the container'],
    ],
  },
  {
    without: 'a pause is given up for a stop',
    group: 'limits',
    edits: [
      [
        'addon/supervisor/container.cc',
        'const bool freezing = freezing_.under_way(); (freezing ||',
        'const bool freezing = false; (freezing ||',
      ],
      [
        'addon/supervisor/container.cc',
        '(void)cgroup_->Freeze(false, kFreezeTimeoutMs);\n  }\n  if (stop_timer_)',
        '(void)cgroup_->Freeze(true, kFreezeTimeoutMs);\n  }\n  if (stop_timer_)',
      ],
    ],
    red: [
      [
        'integration/container/pausing-holds-nobody-up',
        'stopping does not wait for a pause that is under way, and both are answered',
      ],
    ],
  },
  {
    without: 'a name is had by one',
    group: 'limits',
    edits: [
      [
        'addon/supervisor/container_names.cc',
        'if (error == EEXIST && TSC_TRY(ContainerNamed(host, name)) == id) return {};',
        'if (error == EEXIST) return {};',
      ],
    ],
    red: [
      [
        'integration/container/other-processes-find-it-again',
        'of fifty processes that want one name exactly one gets it',
      ],
    ],
  },
  {
    without: 'a lock excludes',
    edits: [
      [
        'src/native/file-lock.ts',
        "return nativeCall(() => addon().tryLock(file.fd, mode === 'exclusive'))",
        "return nativeCall(() => addon().tryLock(file.fd, mode === 'exclusive')) || file.fd >= 0",
      ],
    ],
    red: [
      ['integration/native/file-lock-excludes', 'is held against another process, and free once that is killed'],
      ['integration/image/layers-are-unpacked-once', 'by ten processes at once, one layer is unpacked once'],
      [
        'integration/container/prune-leaves-what-is-being-made',
        'a container made while another engine prunes is whole, or its image was gone before',
      ],
    ],
  },
]
