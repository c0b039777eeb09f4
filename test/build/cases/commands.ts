// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

const stage = [`FROM ${base} AS s`, 'RUN mkdir -p /m/sub && echo s > /m/f && chown -R 7:8 /m', `FROM ${base}`]
const context = { f: 'f\n', 'd/g': 'g\n' }
const mark = 'cat /proc/sys/kernel/random/uuid > /id'
const epoch = { SOURCE_DATE_EPOCH: '1234567890' }

/** What mounts do that meet others, what a command leaves that changed little, and times that are given. */
export const commandCases: readonly BuildCase[] = [
  {
    name: 'mount-bind-writable-of-a-file',
    dockerfile: onBase('RUN --mount=source=f,target=/c,rw echo changed > /c && cat /c > /out', 'RUN ls -d /c; true'),
    context,
  },
  {
    name: 'mount-bind-writable-from-a-stage',
    dockerfile: lines(
      ...stage,
      'RUN --mount=from=s,source=/m,target=/c,rw rm -r /c/sub && touch /c/new && ls -ln /c | cut -c1-10 > /out',
    ),
  },
  {
    name: 'mount-bind-writable-is-of-its-command-alone',
    dockerfile: onBase(
      'RUN --mount=target=/c,rw touch /c/new && rm /c/f && ls /c > /one',
      'RUN --mount=target=/c,rw ls /c > /two',
    ),
    context,
  },
  {
    name: 'mount-below-a-mount',
    dockerfile: onBase(
      'RUN --mount=type=tmpfs,target=/a --mount=target=/a/b/c ls /a /a/b /a/b/c > /out',
      'RUN ls -d /a; true',
    ),
    context,
  },
  {
    name: 'mount-tmpfs-over-an-existing-directory',
    dockerfile: onBase('RUN --mount=type=tmpfs,target=/usr/share ls /usr/share > /out && touch /usr/share/new'),
  },
  {
    name: 'mount-through-a-link',
    dockerfile: onBase(
      'RUN --mount=type=tmpfs,target=/usr/share/link-to-srv/deep touch /srv/deep/x && ls /srv/deep > /out',
    ),
  },
  {
    name: 'mount-cache-of-another-owner-is-another',
    dockerfile: onBase(
      'RUN --mount=type=cache,target=/ka,id=apart,uid=1 touch /ka/one',
      'RUN --mount=type=cache,target=/ka,id=apart,uid=2 ls -A /ka > /out',
      'RUN --mount=type=cache,target=/ka,id=apart,uid=1 ls -A /ka >> /out',
    ),
  },
  {
    name: 'mount-cache-of-another-beginning-is-another',
    dockerfile: lines(
      ...stage,
      'RUN --mount=type=cache,target=/kb,id=began touch /kb/one',
      'RUN --mount=type=cache,target=/kb,id=began,from=s,source=/m ls -A /kb > /out',
    ),
  },
  {
    name: 'mount-cache-from-a-stage-keeps-owners-and-changes',
    dockerfile: lines(
      ...stage,
      'RUN --mount=type=cache,target=/kc,id=kept,from=s,source=/m stat -c "%u:%g %a" /kc /kc/f > /out && echo more >> /kc/f',
      'RUN --mount=type=cache,target=/kc,id=kept,from=s,source=/m cat /kc/f >> /out',
    ),
  },
  {
    name: 'mount-cache-sharing-is-one-cache',
    dockerfile: onBase(
      'RUN --mount=type=cache,target=/kd,id=shared,sharing=shared touch /kd/one',
      'RUN --mount=type=cache,target=/kd,id=shared,sharing=locked touch /kd/two',
      'RUN --mount=type=cache,target=/kd,id=shared,sharing=private ls /kd > /out',
    ),
  },
  {
    name: 'mount-cache-for-a-user',
    dockerfile: onBase(
      'USER app',
      'RUN --mount=type=cache,target=/ke,id=of-app,uid=1000,gid=1000 touch /ke/x && ls -ln /ke | tail -1 | cut -c1-30 | tr -s " " > /tmp/out',
    ),
  },
  {
    name: 'mount-cache-id-and-sharing-do-not-matter',
    dockerfile: onBase(`RUN --mount=type=cache,target=/kg,id=first ${mark}`),
    volatile: ['/id'],
    builds: [
      {},
      { dockerfile: onBase(`RUN --mount=type=cache,target=/kg,id=second,sharing=locked ${mark}`) },
      { dockerfile: onBase(`RUN --mount=type=cache,target=/kg2,id=first ${mark}`) },
    ],
  },
  {
    name: 'mount-secret-over-an-existing-file',
    dockerfile: onBase('RUN --mount=type=secret,id=pw,target=/etc/base-file cat /etc/base-file | sha256sum > /out'),
    secrets: { pw: 'hush' },
  },
  {
    name: 'mount-secret-is-root-s-by-default',
    dockerfile: onBase(
      'USER app',
      'RUN --mount=type=secret,id=pw cat /run/secrets/pw > /dev/null || echo refused > /tmp/out',
    ),
    secrets: { pw: 'hush' },
  },
  {
    name: 'mount-secret-cannot-be-written',
    dockerfile: onBase('RUN --mount=type=secret,id=pw,mode=0666 echo x > /run/secrets/pw || echo refused > /out'),
    secrets: { pw: 'hush' },
  },
  {
    name: 'mount-secret-several-of-one',
    dockerfile: onBase(
      'RUN --mount=type=secret,id=pw --mount=type=secret,id=pw,target=/a/one --mount=type=secret,id=pw,target=/a/two,mode=0444 ls -l /a /run/secrets | cut -c1-10 > /out',
    ),
    secrets: { pw: 'hush' },
  },
  { name: 'run-hostname', dockerfile: onBase('RUN hostname > /out') },
  {
    name: 'run-chmod-to-what-it-is',
    dockerfile: onBase('RUN chmod 640 /etc/base-file && chmod 775 /srv && chown 0:50 /srv'),
  },
  {
    name: 'run-writes-what-there-was',
    dockerfile: onBase(
      'RUN cp -p /etc/base-file /tmp/x && cat /tmp/x > /etc/base-file && touch -r /tmp/x /etc/base-file && rm /tmp/x',
    ),
  },
  {
    name: 'run-writes-what-there-was-later',
    dockerfile: onBase('RUN cat /etc/base-file > /x && cat /x > /etc/base-file && rm /x'),
  },
  { name: 'run-renames-there-and-back', dockerfile: onBase('RUN mv /etc/base-file /x && mv /x /etc/base-file') },
  {
    name: 'run-removes-and-makes-alike',
    dockerfile: onBase('RUN cp -p /etc/base-file /x && rm /etc/base-file && mv /x /etc/base-file'),
  },
  {
    name: 'epoch-is-the-time-of-what-is-made',
    dockerfile: onBase('WORKDIR /w/deep', 'COPY f /new/f', 'COPY d /d', 'ADD --chown=1 f /added/'),
    context,
    args: epoch,
    mtimes: ['/w/deep'],
  },
  {
    name: 'epoch-is-no-variable-of-commands',
    dockerfile: onBase(
      'RUN echo "<$SOURCE_DATE_EPOCH>" > /out',
      'ARG SOURCE_DATE_EPOCH',
      'RUN echo "<$SOURCE_DATE_EPOCH>" >> /out',
    ),
    args: epoch,
  },
]
