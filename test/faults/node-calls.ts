// SPDX-License-Identifier: Apache-2.0
// Stands between a program and node:fs, as addon/test/faults does between the supervisor and the C library, and is told by a file of the same layout.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { NodeFaults } from './node-faults.js'

// As Kind in addon/test/faults/fault_calls.h.
const [space, device, descriptor, step] = [1, 2, 4, 64] as const
const [changes, looks, opens] = [space | device | step, device | step, device | descriptor | step] as const

const kinds: Readonly<Record<string, number>> = {
  ...{
    open: changes | descriptor,
    writeFile: changes | descriptor,
    appendFile: changes | descriptor,
    copyFile: changes | descriptor,
  },
  ...{
    mkdir: changes,
    mkdtemp: changes,
    rename: changes,
    link: changes,
    symlink: changes,
    write: changes,
    writev: changes,
  },
  ...{ truncate: changes, ftruncate: changes, sync: changes, datasync: changes, fsync: changes, fdatasync: changes },
  ...{
    unlink: looks,
    rmdir: looks,
    rm: looks,
    chmod: looks,
    fchmod: looks,
    chown: looks,
    utimes: looks,
    futimes: looks,
    read: looks,
    readv: looks,
  },
  ...{ stat: looks, lstat: looks, fstat: looks, access: looks, readlink: looks, realpath: looks, statfs: looks },
  ...{ readFile: opens, readdir: opens, opendir: opens, watch: opens },
}

type Call = (...words: unknown[]) => unknown

const faults = new NodeFaults(`${process.argv[3]}/faults-node`)

const wrap = (
  owner: object,
  name: string,
  kind: number,
  fail: (call: Call, words: unknown[], error: Error) => unknown,
) => {
  const call = Reflect.get(owner, name) as unknown
  if (typeof call !== 'function') return
  const wrapped = function (this: unknown, ...words: unknown[]) {
    const error = faults.meets(name, kind)
    return error ? fail(call as Call, words, error) : Reflect.apply(call as Call, this, words)
  }
  Reflect.set(owner, name, Object.assign(wrapped, call))
}

const rejecting = async (_: Call, __: unknown[], error: Error) => {
  throw error
}

const throwing = (_: Call, __: unknown[], error: Error) => {
  throw error
}

// The last argument hears of it, as late as of any call.
const callingBack = (_: Call, words: unknown[], error: Error) => {
  const callback = words.at(-1) as (error: Error) => void
  process.nextTick(callback, error)
}

const { promises } = fs
const handle = await promises.open('/dev/null')
const handlePrototype: object = Object.getPrototypeOf(handle)
await handle.close()
for (const [name, kind] of Object.entries(kinds)) {
  // What gives an iterator, a watcher or a handle at once throws at once.
  wrap(promises, name, kind, name === 'watch' ? throwing : rejecting)
  wrap(handlePrototype, name, kind, rejecting)
  wrap(fs, name, kind, name === 'watch' ? throwing : callingBack)
  wrap(fs, `${name}Sync`, kind, throwing)
}
syncBuiltinESMExports()
