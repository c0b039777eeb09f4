// SPDX-License-Identifier: Apache-2.0
// The calls of the addon that need no supervisor, on whatever processor this runs.
const assert = require('node:assert')
const { openSync, writeSync } = require('node:fs')
const { join } = require('node:path')

const [path, scratch] = process.argv.slice(2)
const loaded = { exports: {} }
process.dlopen(loaded, path)
const addon = loaded.exports

const [read, write] = addon.pipe()
writeSync(write, 'abc')
assert.equal(addon.availableBytes(read), 3)
assert.equal(addon.growPipe(write, 1 << 17), true)
const directory = addon.openDirectory(scratch)
assert.equal(addon.closeDescriptor(directory), true)
assert.equal(addon.closeDescriptor(directory), false)
assert.throws(() => addon.openDirectory('/nowhere'), { errno: 2, object: '/nowhere' })
assert.throws(() => new addon.Channel(join(scratch, 'none.sock'), assert.fail, assert.fail), { errno: 2 })
const lock = openSync(join(scratch, 'lock'), 'w')
assert.equal(addon.tryLock(lock, true), true)
addon.unlock(lock)
console.log(`the addon works on ${process.arch}`)
