// SPDX-License-Identifier: Apache-2.0
import type { BuildCase, TarEntry } from '../build-case.js'
import { onBase } from '../dockerfile.js'

const entries: readonly TarEntry[] = [
  { path: 'top/', type: 'directory', mode: 0o750, uid: 11, gid: 12 },
  { path: 'top/file', data: 'f\n', mode: 0o640, uid: 11, gid: 12 },
  { path: 'top/hard', type: 'link', target: 'top/file', mode: 0o640, uid: 11, gid: 12 },
  { path: 'top/soft', type: 'symlink', target: 'file', mode: 0o777 },
  { path: 'implied/parent/file', data: 'i\n' },
]

const archive = (compression?: 'gzip' | 'bzip2' | 'xz' | 'zstd') =>
  ({ type: 'tar', entries, ...(compression && { compression }) }) as const

const served = {
  '/dir/file.txt': { content: 'served\n', headers: { 'Last-Modified': 'Sun, 09 Sep 2001 01:46:40 GMT' } },
  '/plain': { content: 'plain\n' },
  '/named': { content: 'named\n', headers: { 'Content-Disposition': 'attachment; filename="given.txt"' } },
  '/broken': { content: 'no\n', status: 500 },
  '/moved': { content: '', status: 302, headers: { Location: '/dir/file.txt' } },
}
const sum = 'sha256:e2f1fdb49fdc8b5ec4a9a1a7e3d43c2ff0d8c6fbd15a9e0b4b3a6b8e7d5c1234'

/** ADD: archives and addresses. */
export const addCases: readonly BuildCase[] = [
  { name: 'add-tar', dockerfile: onBase('ADD t.tar /x/'), context: { 't.tar': archive() } },
  { name: 'add-tar-gzip', dockerfile: onBase('ADD t.tar.gz /x/'), context: { 't.tar.gz': archive('gzip') } },
  { name: 'add-tar-bzip2', dockerfile: onBase('ADD t.tar.bz2 /x/'), context: { 't.tar.bz2': archive('bzip2') } },
  { name: 'add-tar-xz', dockerfile: onBase('ADD t.tar.xz /x/'), context: { 't.tar.xz': archive('xz') } },
  { name: 'add-tar-zstd', dockerfile: onBase('ADD t.tar.zst /x/'), context: { 't.tar.zst': archive('zstd') } },
  {
    name: 'add-tar-is-known-by-its-content',
    dockerfile: onBase('ADD picture.png /x/'),
    context: { 'picture.png': archive('gzip') },
  },
  {
    name: 'add-tar-in-name-only',
    dockerfile: onBase('ADD fake.tar.gz /x/'),
    context: { 'fake.tar.gz': 'no archive\n' },
  },
  { name: 'add-tar-without-slash', dockerfile: onBase('ADD t.tar /x'), context: { 't.tar': archive() } },
  { name: 'add-tar-to-the-root', dockerfile: onBase('ADD t.tar /'), context: { 't.tar': archive() } },
  {
    name: 'add-tar-over-existing-directories',
    dockerfile: onBase('RUN mkdir -p -m 700 /x/top/old && touch /x/top/old/f', 'ADD t.tar /x/'),
    context: { 't.tar': archive() },
  },
  { name: 'add-tar-with-chown', dockerfile: onBase('ADD --chown=1:2 t.tar /x/'), context: { 't.tar': archive() } },
  { name: 'add-tar-with-chmod', dockerfile: onBase('ADD --chmod=711 t.tar /x/'), context: { 't.tar': archive() } },
  { name: 'add-tar-beside-files', dockerfile: onBase('ADD t.tar f /x/'), context: { 't.tar': archive(), f: 'f\n' } },
  {
    name: 'add-tar-by-wildcard',
    dockerfile: onBase('ADD *.tar /x/'),
    context: { 'a.tar': archive(), 'b.tar': { type: 'tar', entries: [{ path: 'b', data: 'b\n' }] } },
  },
  { name: 'add-tar-inside-a-directory-stays', dockerfile: onBase('ADD dir /x/'), context: { 'dir/t.tar': archive() } },
  {
    name: 'copy-tar-stays',
    dockerfile: onBase('COPY t.tar /x/'),
    context: { 't.tar': { type: 'tar', entries: [{ path: 'b', data: 'b\n' }] } },
  },
  {
    name: 'add-gzip-of-a-plain-file',
    dockerfile: onBase('RUN true', 'ADD f.gz /x/'),
    context: { 'f.gz': { type: 'file', content: Buffer.from('H4sIAAAAAAAAA8vIBADsMCucAgAAAA==', 'base64') } },
  },
  {
    name: 'add-tar-unpack-false',
    dockerfile: onBase('ADD --unpack=false t.tar /x/'),
    context: { 't.tar': { type: 'tar', entries: [{ path: 'b', data: 'b\n' }] } },
    since: '1.17',
  },
  { name: 'add-tar-empty', dockerfile: onBase('ADD t.tar /x/'), context: { 't.tar': { type: 'tar', entries: [] } } },
  {
    name: 'add-tar-through-a-link-stays-in-the-root',
    dockerfile: onBase('ADD t.tar /x/'),
    context: {
      't.tar': {
        type: 'tar',
        entries: [
          { path: 'out', type: 'symlink', target: '/srv' },
          { path: 'out/f', data: 'f\n' },
        ],
      },
    },
  },
  {
    name: 'add-tar-upwards-stays-in-the-root',
    dockerfile: onBase('ADD t.tar /x/'),
    context: { 't.tar': { type: 'tar', entries: [{ path: '../up', data: 'f\n' }] } },
    fails: true,
  },
  { name: 'add-url-to-file', dockerfile: onBase('ADD http://{{server}}/dir/file.txt /x'), served, mtimes: ['/x'] },
  { name: 'add-url-to-directory', dockerfile: onBase('ADD http://{{server}}/dir/file.txt /x/'), served },
  { name: 'add-url-without-date', dockerfile: onBase('ADD http://{{server}}/plain /x/'), served },
  { name: 'add-url-name-is-that-of-the-address', dockerfile: onBase('ADD http://{{server}}/named /x/'), served },
  {
    name: 'add-url-with-query',
    dockerfile: onBase('ADD http://{{server}}/plain?q=1 /x/'),
    served: { '/plain?q=1': { content: 'q\n' } },
  },
  { name: 'add-url-redirected', dockerfile: onBase('ADD http://{{server}}/moved /x/'), served },
  { name: 'add-url-chmod-chown', dockerfile: onBase('ADD --chmod=755 --chown=app http://{{server}}/plain /x'), served },
  {
    name: 'add-url-missing-fails',
    dockerfile: onBase('RUN true', 'ADD http://{{server}}/none /x'),
    served,
    fails: true,
  },
  { name: 'add-url-server-error-fails', dockerfile: onBase('ADD http://{{server}}/broken /x'), served, fails: true },
  {
    name: 'add-url-checksum',
    dockerfile: onBase(
      'ADD --checksum=sha256:db0c22b3c9d2f0a3ed87b7ba1ac6e7ad0bc4e7d1b0c0d1a3e3ef1c3f0fd4a2b1 http://{{server}}/plain /x',
    ),
    served,
    fails: true,
  },
  {
    name: 'add-url-checksum-right',
    dockerfile: onBase(
      'ADD --checksum=sha256:dacf36547c7774a0a170806363b5d412991fbc0d6260b2c00b1d3a80a816c23f http://{{server}}/plain /x',
    ),
    served,
  },
  {
    name: 'add-url-checksum-nonsense-fails',
    dockerfile: onBase('ADD --checksum=wat http://{{server}}/plain /x'),
    served,
    fails: true,
  },
  {
    name: 'add-checksum-of-a-local-file-fails',
    dockerfile: onBase(`ADD --checksum=${sum} f /x`),
    context: { f: 'f\n' },
    fails: true,
  },
  {
    name: 'add-url-tar-is-not-unpacked',
    dockerfile: onBase('ADD http://{{server}}/t.tar /x/'),
    served: { '/t.tar': { content: 'pretend\n' } },
  },
  { name: 'add-url-expands', dockerfile: onBase('ARG N=plain', 'ADD http://{{server}}/$N /x'), served },
  { name: 'add-url-wildcards-are-plain', dockerfile: onBase('ADD http://{{server}}/pl* /x/'), served, fails: true },
  {
    name: 'add-url-without-a-name-to-directory',
    dockerfile: onBase('ADD http://{{server}}/ /x/'),
    served: { '/': { content: 'index\n' } },
  },
  {
    name: 'add-url-without-a-name-to-file',
    dockerfile: onBase('ADD http://{{server}}/ /x'),
    served: { '/': { content: 'index\n' } },
  },
  {
    name: 'add-several-of-all-kinds',
    dockerfile: onBase('ADD t.tar f http://{{server}}/dir/file.txt d /x/'),
    context: { 't.tar': archive(), f: 'f\n', 'd/g': 'g\n' },
    served,
  },
  {
    name: 'add-tar-with-chmod-of-its-directory',
    dockerfile: onBase('ADD --chmod=0700 t.tar /new/x', 'ADD --chmod=0700 f /other/'),
    context: { 't.tar': archive(), f: 'f\n' },
  },
  {
    name: 'add-tar-with-unknown-owner',
    dockerfile: onBase('ADD --chown=nobodyhere:staff t.tar /x/'),
    context: { 't.tar': archive() },
  },
  {
    name: 'add-tar-through-a-link-of-its-destination',
    dockerfile: onBase('RUN mkdir /x && ln -s /srv /x/abs', 'ADD t.tar /x/'),
    context: {
      't.tar': {
        type: 'tar',
        entries: [{ path: 'abs/f', data: 'a\n' }],
      },
    },
  },
]
