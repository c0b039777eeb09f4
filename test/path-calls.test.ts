// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { pathCallExceptions } from './support/path-call-exceptions.js'
import { pathCalls, pathCallsOf } from './support/path-calls.js'

// docs/decisions/0046: what is below a root that a container could have shaped is a descriptor.
const allowed = new Set(
  pathCallExceptions.flatMap(({ calls }) =>
    Object.entries(calls).flatMap(([file, names]) => names.map((name) => `addon/${file} ${name}`)),
  ),
)

describe('the native code', () => {
  test('resolves no path where a container could have put a link', () => {
    const wrong = pathCalls().filter(({ file, call }) => !allowed.has(`${file} ${call}`))
    expect(wrong.map(({ file, line, message }) => `${file}:${line}: ${message}`)).toEqual([])
  })

  test('needs every exception that it has', () => {
    const needed = new Set(pathCalls().map(({ file, call }) => `${file} ${call}`))
    expect([...allowed].filter((exception) => !needed.has(exception))).toEqual([])
  })
})

describe('what is found', () => {
  const found = (text: string, file = 'addon/files/some.cc') => pathCallsOf(file, text).map(({ call }) => call)

  test.each([
    ['::mount(source.c_str(), target.c_str(), "bind", MS_BIND, nullptr)', 'mount'],
    ['::lchown(path.c_str(), uid, gid)', 'lchown'],
    ['UniqueFd fd(::open(("/merged/" + name).c_str(), O_RDONLY))', 'open'],
    ['::rename(from.c_str(), to.c_str())', 'rename'],
    ['std::filesystem::remove_all(path)', 'filesystem'],
    ['std::ifstream file(path)', 'ifstream'],
    ['::openat(root, name.c_str(), O_RDONLY | O_CLOEXEC)', 'openat'],
    ['::fchownat(dir, leaf.c_str(), uid, gid, 0)', 'fchownat'],
    ['::unlinkat(root, ("etc/" + name).c_str(), 0)', 'unlinkat'],
    ['::mkdirat(root, (base + "/" + name).c_str(), 0700)', 'mkdirat'],
  ])('%s', (text, call) => {
    expect(found(text)).toEqual([call])
  })

  test.each([
    '::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr)',
    '::umount2(".", MNT_DETACH)',
    '::openat(root, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)',
    'constexpr int kFlags = O_WRONLY | O_EXCL;\n::openat(dir, leaf.c_str(), kFlags, 0600)',
    '::fchownat(fd, "", uid, gid, AT_EMPTY_PATH)',
    '// ::open(path)',
    'tsc::open(path)',
  ])('but not %s', (text) => {
    expect(found(text)).toEqual([])
  })

  test('and says which attack that was', () => {
    const [call] = pathCallsOf('addon/files/some.cc', '\n::chown(path, 0, 0);')
    expect(call).toMatchObject({ line: 2, message: expect.stringMatching(/CVE-2018-15664.*Instead: .*OpenInRoot/) })
  })
})
