// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

const linked = {
  'real/file': 'r\n',
  'to-file': { type: 'symlink', target: 'real/file' },
  'to-dir': { type: 'symlink', target: 'real' },
  'dir/inside': { type: 'symlink', target: '../real/file' },
  'dir/absolute': { type: 'symlink', target: '/etc/passwd' },
  'dir/dangling': { type: 'symlink', target: 'nowhere' },
  outside: { type: 'symlink', target: '../../../../etc/hostname' },
} as const

/** Symbolic links, in sources and on the way to destinations. */
export const symlinkCases: readonly BuildCase[] = [
  { name: 'symlink-source-is-followed', dockerfile: onBase('COPY to-file /x'), context: linked },
  { name: 'symlink-to-directory-as-source-is-followed', dockerfile: onBase('COPY to-dir /x'), context: linked },
  { name: 'symlink-to-directory-as-source-with-slash', dockerfile: onBase('COPY to-dir/ /x/'), context: linked },
  { name: 'symlink-on-the-way-of-a-source', dockerfile: onBase('COPY to-dir/file /x'), context: linked },
  { name: 'symlinks-inside-a-directory-stay', dockerfile: onBase('COPY dir /x'), context: linked },
  { name: 'symlink-source-by-wildcard', dockerfile: onBase('COPY to-f* /x/'), context: linked },
  {
    name: 'symlink-out-of-the-context-is-of-the-context-and-fails',
    dockerfile: onBase('COPY outside /x'),
    context: linked,
    fails: true,
  },
  { name: 'symlink-dangling-source-fails', dockerfile: onBase('COPY dir/dangling /x'), context: linked, fails: true },
  {
    name: 'symlink-absolute-of-the-context-is-of-the-context',
    dockerfile: onBase('COPY abs /x'),
    context: { 'real/file': 'r\n', abs: { type: 'symlink', target: '/real/file' } },
  },
  { name: 'symlink-whole-context', dockerfile: onBase('COPY . /x'), context: linked },
  {
    name: 'symlink-destination-directory-is-followed',
    dockerfile: onBase('COPY real /usr/share/link-to-srv/'),
    context: linked,
  },
  {
    name: 'symlink-destination-directory-without-slash',
    dockerfile: onBase('COPY real /usr/share/link-to-srv'),
    context: linked,
  },
  {
    name: 'symlink-destination-on-the-way',
    dockerfile: onBase('COPY real/file /usr/share/link-to-srv/new/f'),
    context: linked,
  },
  { name: 'symlink-destination-relative', dockerfile: onBase('COPY real/file /usr/share/relative/'), context: linked },
  { name: 'symlink-destination-dangling', dockerfile: onBase('COPY real/file /usr/share/dangling/f'), context: linked },
  {
    name: 'symlink-destination-file-is-followed',
    dockerfile: onBase('RUN ln -s /etc/base-file /l', 'COPY real/file /l'),
    context: linked,
  },
  {
    name: 'symlink-destination-upwards-stays-in-the-root',
    dockerfile: onBase('RUN ln -s ../../../../../srv /up', 'COPY real/file /up/f'),
    context: linked,
  },
  {
    name: 'symlink-loop-as-destination-fails',
    dockerfile: onBase('RUN ln -s /loop /loop', 'COPY real/file /loop/f'),
    context: linked,
    fails: true,
  },
  {
    name: 'symlink-over-directory-fails',
    dockerfile: onBase('RUN mkdir -p /x/inside', 'COPY dir /x'),
    context: linked,
    fails: true,
  },
  {
    name: 'symlink-of-a-stage-as-source',
    dockerfile: lines(
      `FROM ${base} AS s`,
      'RUN ln -s /etc/group /l && ln -s /etc /d',
      'FROM scratch',
      'COPY --from=s /l /l',
      'COPY --from=s /d/passwd /p',
    ),
  },
  {
    name: 'symlink-to-directory-of-a-stage',
    dockerfile: lines(
      `FROM ${base} AS s`,
      'RUN mkdir /t && touch /t/f && ln -s t /d',
      'FROM scratch',
      'COPY --from=s /d /x',
    ),
  },
  {
    name: 'symlink-over-which-a-directory-is-merged-fails',
    dockerfile: onBase('RUN mkdir /t && ln -s /srv /t/dir', 'COPY t /t'),
    context: { 't/dir/f': 'f\n' },
    fails: true,
  },
  { name: 'symlink-owner-by-chown', dockerfile: onBase('COPY --chown=12:34 dir /x'), context: linked },
  { name: 'symlink-workdir-through-a-link', dockerfile: onBase('WORKDIR /usr/share/link-to-srv/w', 'RUN pwd > /out') },
  { name: 'symlink-add-follows-too', dockerfile: onBase('ADD to-file /x'), context: linked },
]
