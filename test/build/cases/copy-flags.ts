// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

const files = { 'a/b/one.txt': '1\n', 'a/b/two.md': '2\n', 'a/three.txt': '3\n', 'c/four.txt': '4\n', 'top.txt': 't\n' }

/** COPY --link, --parents and --exclude. */
export const copyFlagCases: readonly BuildCase[] = [
  { name: 'link-copies', dockerfile: onBase('COPY --link a /x/'), context: files },
  { name: 'link-file-to-file', dockerfile: onBase('COPY --link top.txt /new/deep/f'), context: files },
  { name: 'link-existing-directory-is-made-anew', dockerfile: onBase('COPY --link top.txt /srv/'), context: files },
  {
    name: 'link-existing-directory-without-slash',
    dockerfile: onBase('COPY --link top.txt /srv'),
    context: files,
  },
  {
    name: 'link-does-not-follow-symlinks-of-the-target',
    dockerfile: onBase('COPY --link top.txt /usr/share/link-to-srv/f'),
    context: files,
  },
  { name: 'link-chown-by-number', dockerfile: onBase('COPY --link --chown=5:6 top.txt /x/f'), context: files },
  {
    name: 'link-chown-by-name-fails',
    dockerfile: onBase('COPY --link --chown=app top.txt /x/f'),
    context: files,
    fails: true,
  },
  {
    name: 'link-from-a-stage',
    dockerfile: lines(
      `FROM ${base} AS s`,
      'RUN echo 1 > /f && chown 5:6 /f',
      `FROM ${base}`,
      'COPY --link --from=s /f /y/f',
    ),
  },
  { name: 'link-false', dockerfile: onBase('COPY --link=false top.txt /usr/share/link-to-srv/f'), context: files },
  {
    name: 'link-add-tar',
    dockerfile: onBase('ADD --link t.tar /x/'),
    context: { 't.tar': { type: 'tar', entries: [{ path: 'b', data: 'b\n', uid: 3, gid: 4 }] } },
  },
  {
    name: 'link-survives-a-change-below',
    dockerfile: onBase(
      'ARG V=1',
      'RUN echo $V > /v && cat /proc/sys/kernel/random/uuid > /id',
      'COPY --link top.txt /x',
    ),
    context: files,
    volatile: ['/id'],
    builds: [{}, { args: { V: '2' } }],
  },
  { name: 'link-workdir-relative', dockerfile: onBase('WORKDIR /w', 'COPY --link top.txt f'), context: files },
  {
    name: 'parents-keeps-directories',
    dockerfile: onBase('COPY --parents a/b/one.txt c/four.txt /x/'),
    context: files,
    since: '1.20',
  },
  { name: 'parents-with-wildcards', dockerfile: onBase('COPY --parents a/*/*.txt /x/'), context: files, since: '1.20' },
  {
    name: 'parents-with-double-star',
    dockerfile: onBase('COPY --parents **/*.txt /x/'),
    context: files,
    since: '1.20',
  },
  { name: 'parents-with-pivot', dockerfile: onBase('COPY --parents a/./b/one.txt /x/'), context: files, since: '1.20' },
  { name: 'parents-of-a-directory', dockerfile: onBase('COPY --parents a/b /x/'), context: files, since: '1.20' },
  {
    name: 'parents-from-a-stage',
    dockerfile: lines(`FROM ${base} AS s`, 'FROM scratch', 'COPY --parents --from=s /home/app /etc/passwd /x/'),
    since: '1.20',
  },
  { name: 'exclude-pattern', dockerfile: onBase('COPY --exclude=*.md a /x/'), context: files, since: '1.19' },
  { name: 'exclude-double-star', dockerfile: onBase('COPY --exclude=**/*.md . /x/'), context: files, since: '1.19' },
  {
    name: 'exclude-several',
    dockerfile: onBase('COPY --exclude=a/b --exclude=*.txt . /x/'),
    context: files,
    since: '1.19',
  },
  { name: 'exclude-of-a-wildcard', dockerfile: onBase('COPY --exclude=t* *.txt a /x/'), context: files, since: '1.19' },
  {
    name: 'exclude-from-a-stage',
    dockerfile: lines(
      `FROM ${base} AS s`,
      'RUN mkdir /d && touch /d/a /d/b',
      'FROM scratch',
      'COPY --from=s --exclude=b /d /d',
    ),
    since: '1.19',
  },
  {
    name: 'exclude-expands',
    dockerfile: onBase('ARG E=md', 'COPY --exclude=**/*.$E . /x/'),
    context: files,
    since: '1.19',
  },
  { name: 'exclude-with-add', dockerfile: onBase('ADD --exclude=**/*.md . /x/'), context: files, since: '1.19' },
]
