// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { checkProxy, proxyEnvironment } from '../../../src/runtime/proxy-environment.js'

const caller = {
  HTTP_PROXY: 'http://a:1',
  no_proxy: 'localhost',
  ALL_PROXY: 'socks5://b:2',
  all_proxy: 'socks5://c:3',
  HOME: '/root',
}

test('nothing of the caller’s is told to a container that does not ask', () => {
  expect(proxyEnvironment(undefined, caller)).toEqual({})
  expect(proxyEnvironment(false, caller)).toEqual({})
})

test('what is handed on is there in both cases; where both are, they stay as they are', () => {
  expect(proxyEnvironment(true, caller)).toEqual({
    HTTP_PROXY: 'http://a:1',
    http_proxy: 'http://a:1',
    NO_PROXY: 'localhost',
    no_proxy: 'localhost',
    ALL_PROXY: 'socks5://b:2',
    all_proxy: 'socks5://c:3',
  })
})

test('settings of one’s own take nothing from the caller', () => {
  expect(proxyEnvironment({ https: 'http://d:4', no: ['x', '.y'] }, caller)).toEqual({
    HTTPS_PROXY: 'http://d:4',
    https_proxy: 'http://d:4',
    NO_PROXY: 'x,.y',
    no_proxy: 'x,.y',
  })
})

test.each([['yes'], [{ http: 'a b' }], [{ http: 'a\nb' }], [{ http: 1 }], [{ other: 'a' }], [{ no: [''] }], [null]])(
  'refuses %j',
  (value) =>
    expect(() => checkProxy(value, 'proxy')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' })),
)
