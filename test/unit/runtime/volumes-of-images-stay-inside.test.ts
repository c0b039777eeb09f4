// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { imageVolumeTargets } from '../../../src/runtime/image-volumes.js'

test('what an image wants is absolute, below the root, and each place once', () => {
  expect(imageVolumeTargets(['/data', 'data', '/data/', '//data', '/a/../data', '/../../etc', '../../x', '.'])).toEqual(
    ['/data', '/etc', '/x'],
  )
  expect(imageVolumeTargets()).toEqual([])
})

test('where the kernel’s own is mounted, images have no say', () => {
  const places = ['/', '/proc', '/proc/sys', '/sys/fs/cgroup', '/dev', '/dev/shm', '/x/../proc', '/dev/pts']
  expect(imageVolumeTargets(places)).toEqual([])
})

test('too many, and what is no path, make the image a bad one', () => {
  const wrong = [Array.from({ length: 1000 }, (_, index) => `/v${index}`), [''], ['/a\0b'], [`/${'x'.repeat(5000)}`]]
  for (const volumes of wrong)
    expect(() => imageVolumeTargets(volumes)).toThrow(expect.objectContaining({ code: 'ERR_IMAGE_INVALID' }))
})
