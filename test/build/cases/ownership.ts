// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

const tree = {
  'd/file': 'a\n',
  'd/script.sh': { type: 'file', content: '#!/bin/sh\n', mode: 0o755 },
  'd/private': { type: 'file', content: 'p\n', mode: 0o600 },
  'd/sub': { type: 'directory', mode: 0o700 },
  'd/sub/inner': 'i\n',
} as const

const stage = [
  `FROM ${base} AS made`,
  'RUN mkdir -p /out/sub && echo x > /out/x && echo y > /out/sub/y && chown -R 1000:1002 /out && chmod 2750 /out/sub && chown 7:8 /out/x',
  `FROM ${base}`,
]

/** Who owns what is copied, and with which mode. */
export const ownershipCases: readonly BuildCase[] = [
  { name: 'copy-from-context-is-owned-by-root', dockerfile: onBase('COPY d /d'), context: tree },
  { name: 'copy-from-context-ignores-user', dockerfile: onBase('USER app', 'COPY d /d'), context: tree },
  { name: 'copy-from-stage-keeps-owners', dockerfile: lines(...stage, 'COPY --from=made /out /out'), context: {} },
  {
    name: 'copy-from-stage-of-a-file-keeps-its-owner',
    dockerfile: lines(...stage, 'COPY --from=made /out/x /new/dir/x'),
  },
  {
    name: 'copy-from-stage-with-chown-changes-all',
    dockerfile: lines(...stage, 'COPY --from=made --chown=5:6 /out /out'),
  },
  { name: 'copy-chown-by-numbers', dockerfile: onBase('COPY --chown=12:34 d /d'), context: tree },
  { name: 'copy-chown-uid-alone-sets-the-group-alike', dockerfile: onBase('COPY --chown=77 d /d'), context: tree },
  { name: 'copy-chown-by-names-of-the-target', dockerfile: onBase('COPY --chown=web:staff d /d'), context: tree },
  { name: 'copy-chown-user-name-alone', dockerfile: onBase('COPY --chown=web d /d'), context: tree },
  { name: 'copy-chown-name-and-number', dockerfile: onBase('COPY --chown=app:99 d /d'), context: tree },
  { name: 'copy-chown-group-alone', dockerfile: onBase('COPY --chown=:staff d /d'), context: tree },
  {
    name: 'copy-chown-unknown-user-is-root',
    dockerfile: onBase('COPY --chown=nobodyhere d /d'),
    context: tree,
  },
  {
    name: 'copy-chown-unknown-group-is-root',
    dockerfile: onBase('COPY --chown=app:nogrouphere d /d'),
    context: tree,
  },
  {
    name: 'copy-chown-of-a-user-made-by-run',
    dockerfile: onBase("RUN echo 'late:x:4242:4343::/:/bin/sh' >> /etc/passwd", 'COPY --chown=late d /d'),
    context: tree,
  },
  {
    name: 'copy-chown-expands-variables',
    dockerfile: onBase('ARG OWNER=31:32', 'COPY --chown=$OWNER d /d'),
    context: tree,
  },
  { name: 'copy-chown-makes-parents-its-own', dockerfile: onBase('COPY --chown=12:34 d /new/deep/d'), context: tree },
  {
    name: 'copy-chown-name-on-scratch-fails',
    dockerfile: lines('FROM scratch', 'COPY --chown=app d /d'),
    context: tree,
    fails: true,
  },
  { name: 'copy-chown-number-on-scratch', dockerfile: lines('FROM scratch', 'COPY --chown=12:34 d /d'), context: tree },
  { name: 'copy-into-existing-directory-keeps-it', dockerfile: onBase('COPY d /srv'), context: tree },
  {
    name: 'copy-chown-into-existing-directory-keeps-it',
    dockerfile: onBase('COPY --chown=9:9 d/file /srv/'),
    context: tree,
  },
  { name: 'copy-directory-chown-into-existing', dockerfile: onBase('COPY --chown=9:9 d /srv'), context: tree },
  { name: 'copy-into-home-of-a-user', dockerfile: onBase('COPY d/file /home/app/new/file'), context: tree },
  { name: 'copy-chmod-octal', dockerfile: onBase('COPY --chmod=741 d /d'), context: tree },
  { name: 'copy-chmod-octal-with-set-bits', dockerfile: onBase('COPY --chmod=4755 d/file /setuid'), context: tree },
  { name: 'copy-chmod-symbolic', dockerfile: onBase('COPY --chmod=u=rwX,go=rX d /d'), context: tree, since: '1.14' },
  { name: 'copy-chmod-symbolic-adds', dockerfile: onBase('COPY --chmod=a+x,g+w d /d'), context: tree, since: '1.14' },
  {
    name: 'copy-chmod-expands-variables',
    dockerfile: onBase('ARG MODE=600', 'COPY --chmod=$MODE d/file /f'),
    context: tree,
  },
  { name: 'copy-chmod-nonsense-fails', dockerfile: onBase('COPY --chmod=wat d /d'), context: tree, fails: true },
  { name: 'copy-chmod-and-chown', dockerfile: onBase('COPY --chown=web --chmod=0640 d/file /f'), context: tree },
  { name: 'copy-chmod-makes-parents-too', dockerfile: onBase('COPY --chmod=0700 d/file /new/deep/f'), context: tree },
  { name: 'add-is-owned-by-root', dockerfile: onBase('ADD d /d'), context: tree },
  { name: 'add-chown', dockerfile: onBase('ADD --chown=app:staff d /d'), context: tree },
  { name: 'add-chmod', dockerfile: onBase('ADD --chmod=711 d /d'), context: tree },
  {
    name: 'copy-chmod-of-made-parents-has-no-set-bits',
    dockerfile: onBase('COPY --chmod=2755 d/file /new/deep/f', 'COPY --chmod=1777 d /other/d'),
    context: tree,
  },
  {
    name: 'copy-chmod-symbolic-makes-parents-as-ever',
    dockerfile: onBase('COPY --chmod=u=rw,go= d/file /new/deep/f'),
    context: tree,
    since: '1.14',
  },
  { name: 'copy-chown-root-by-name', dockerfile: onBase('COPY --chown=root:root d /d'), context: tree },
  { name: 'copy-chown-empty-group', dockerfile: onBase('COPY --chown=app: d/file /f'), context: tree },
  { name: 'copy-chown-number-and-name', dockerfile: onBase('COPY --chown=7:staff d/file /f'), context: tree },
  {
    name: 'workdir-of-a-user-that-nobody-has',
    dockerfile: onBase('USER nobodyhere', 'WORKDIR /w'),
  },
  {
    name: 'copy-from-an-image-with-a-group-alone',
    dockerfile: lines(...stage, 'COPY --from=made --chown=:staff /out /out'),
  },
]
