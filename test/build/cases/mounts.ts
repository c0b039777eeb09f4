// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

const stage = [`FROM ${base} AS s`, 'RUN mkdir -p /m/sub && echo s > /m/f && chown -R 7:8 /m', `FROM ${base}`]
const context = { f: 'f\n', 'd/g': 'g\n' }

/** RUN --mount, --network and what a RUN sees. */
export const mountCases: readonly BuildCase[] = [
  { name: 'mount-bind-of-the-context', dockerfile: onBase('RUN --mount=type=bind,target=/c cp -r /c /out'), context },
  { name: 'mount-bind-is-the-default-type', dockerfile: onBase('RUN --mount=target=/c cat /c/d/g > /out'), context },
  { name: 'mount-bind-source', dockerfile: onBase('RUN --mount=source=d,target=/c ls /c > /out'), context },
  {
    name: 'mount-bind-of-a-file',
    dockerfile: onBase('RUN --mount=source=f,target=/c/file cat /c/file > /out'),
    context,
  },
  {
    name: 'mount-bind-rejects-writes',
    dockerfile: onBase('RUN --mount=target=/c touch /c/new || echo refused > /out'),
    context,
  },
  {
    name: 'mount-bind-writable-discards',
    dockerfile: onBase(
      'RUN --mount=target=/c,rw echo changed > /c/f && cat /c/f > /out',
      'RUN --mount=target=/c cat /c/f > /after',
    ),
    context,
  },
  {
    name: 'mount-bind-from-a-stage',
    dockerfile: lines(...stage, 'RUN --mount=from=s,source=/m,target=/c stat -c "%u:%g %n" /c /c/f > /out'),
  },
  {
    name: 'mount-bind-from-an-image',
    dockerfile: onBase('RUN --mount=from=tsc-test/bare:1,target=/c ls -R /c > /out'),
  },
  { name: 'mount-bind-stub-is-removed', dockerfile: onBase('RUN --mount=target=/new/deep/c true'), context },
  {
    name: 'mount-bind-over-existing',
    dockerfile: onBase('RUN --mount=target=/srv ls /srv > /out', 'RUN ls /srv > /after'),
    context,
  },
  { name: 'mount-bind-relative-target', dockerfile: onBase('WORKDIR /w', 'RUN --mount=target=c ls c > /out'), context },
  {
    name: 'mount-bind-missing-source-fails',
    dockerfile: onBase('RUN --mount=source=none,target=/c true'),
    context,
    fails: true,
  },
  { name: 'mount-bind-without-target-fails', dockerfile: onBase('RUN --mount=type=bind true'), context, fails: true },
  { name: 'mount-unknown-type-fails', dockerfile: onBase('RUN --mount=type=wat,target=/c true'), context, fails: true },
  { name: 'mount-unknown-key-fails', dockerfile: onBase('RUN --mount=target=/c,wat=1 true'), context, fails: true },
  {
    name: 'mount-target-by-dst-and-destination',
    dockerfile: onBase('RUN --mount=dst=/a --mount=destination=/b ls /a /b > /out'),
    context,
  },
  {
    name: 'mount-expands-variables',
    dockerfile: onBase('ARG D=d', 'RUN --mount=source=$D,target=/c ls /c > /out'),
    context,
  },
  {
    name: 'mount-several',
    dockerfile: onBase(
      'RUN --mount=source=d,target=/c --mount=type=tmpfs,target=/c2 ls /c > /c2/x && cat /c2/x > /out',
    ),
    context,
  },
  {
    name: 'mount-tmpfs',
    dockerfile: onBase('RUN --mount=type=tmpfs,target=/t touch /t/x && grep -c " /t tmpfs" /proc/mounts > /out'),
  },
  {
    name: 'mount-tmpfs-size',
    dockerfile: onBase(
      'RUN --mount=type=tmpfs,target=/t,size=1m dd if=/dev/zero of=/t/x bs=1k count=2048 2>/dev/null || stat -c %s /t/x > /out',
    ),
  },
  {
    name: 'mount-cache-lasts-between-steps',
    dockerfile: onBase(
      'RUN --mount=type=cache,target=/k echo one > /k/f',
      'RUN --mount=type=cache,target=/k cat /k/f > /out',
      'RUN ls -a /k > /after || true',
    ),
  },
  {
    name: 'mount-cache-id-is-the-target',
    dockerfile: onBase(
      'RUN --mount=type=cache,target=/cache-id/x echo one > /cache-id/x/f',
      'RUN --mount=type=cache,target=/y,id=/cache-id/x cat /y/f > /out',
    ),
  },
  {
    name: 'mount-cache-ids-are-apart',
    dockerfile: onBase(
      'RUN --mount=type=cache,target=/ka,id=apart-a touch /ka/f',
      'RUN --mount=type=cache,target=/kb,id=apart-b ls /kb > /out',
    ),
  },
  {
    name: 'mount-cache-mode-and-owner',
    dockerfile: onBase(
      'RUN --mount=type=cache,target=/km,id=owned,uid=5,gid=6,mode=0711 stat -c "%u:%g %a" /km > /out',
    ),
  },
  {
    name: 'mount-cache-default-mode',
    dockerfile: onBase(
      'USER app',
      'RUN --mount=type=cache,target=/kd,id=default-mode stat -c "%u:%g %a" /kd > /tmp/out',
    ),
  },
  {
    name: 'mount-cache-from-a-stage',
    dockerfile: lines(
      ...stage,
      'RUN --mount=type=cache,target=/kf,id=seeded,from=s,source=/m ls /kf > /out && cat /kf/f >> /out',
    ),
  },
  {
    name: 'mount-cache-readonly',
    dockerfile: onBase('RUN --mount=type=cache,target=/kr,id=read-only,ro touch /kr/f || echo refused > /out'),
  },
  {
    name: 'mount-cache-unknown-sharing-fails',
    dockerfile: onBase('RUN --mount=type=cache,target=/k,sharing=wat true'),
    fails: true,
  },
  {
    name: 'mount-secret-file',
    dockerfile: onBase(
      'RUN --mount=type=secret,id=pw cat /run/secrets/pw | sha256sum > /out && stat -c "%u:%g %a" /run/secrets/pw >> /out',
    ),
    secrets: { pw: 'hush' },
  },
  {
    name: 'mount-secret-target-mode-owner',
    dockerfile: onBase(
      'USER app',
      'RUN --mount=type=secret,id=pw,target=/s/x,uid=1000,gid=50,mode=0440 stat -c "%u:%g %a" /s/x > /tmp/out',
    ),
    secrets: { pw: 'hush' },
  },
  {
    name: 'mount-secret-relative-target',
    dockerfile: onBase('WORKDIR /w', 'RUN --mount=type=secret,id=pw,target=x ls -d /w/x > /out'),
    secrets: { pw: 'hush' },
  },
  {
    name: 'mount-secret-leaves-no-stub',
    dockerfile: onBase('RUN --mount=type=secret,id=pw,target=/new/deep/pw true'),
    secrets: { pw: 'hush' },
  },
  {
    name: 'mount-secret-env',
    dockerfile: onBase('RUN --mount=type=secret,id=pw,env=PW echo "$PW" | sha256sum > /out'),
    secrets: { pw: 'hush' },
    since: '1.10',
  },
  {
    name: 'mount-secret-env-and-target',
    dockerfile: onBase('RUN --mount=type=secret,id=pw,env=PW,target=/s (echo "$PW"; cat /s) | sha256sum > /out'),
    secrets: { pw: 'hush' },
    since: '1.10',
  },
  {
    name: 'mount-secret-missing-is-skipped',
    dockerfile: onBase('RUN --mount=type=secret,id=none ls /run/secrets/none || echo none > /out'),
  },
  {
    name: 'mount-secret-required-fails',
    dockerfile: onBase('RUN true', 'RUN --mount=type=secret,id=none,required true'),
    fails: true,
  },
  {
    name: 'mount-secret-is-not-in-the-key',
    dockerfile: onBase('RUN --mount=type=secret,id=pw cat /proc/sys/kernel/random/uuid > /id'),
    volatile: ['/id'],
    builds: [{ secrets: { pw: 'one' } }, { secrets: { pw: 'two' } }],
  },
  {
    name: 'mount-ssh-missing-is-skipped',
    dockerfile: onBase('RUN --mount=type=ssh echo "${SSH_AUTH_SOCK-none}" > /out'),
  },
  { name: 'mount-ssh-required-fails', dockerfile: onBase('RUN --mount=type=ssh,required=true true'), fails: true },
  { name: 'run-network-none', dockerfile: onBase('RUN --network=none ip -o link | cut -d: -f2 > /out') },
  { name: 'run-network-unknown-fails', dockerfile: onBase('RUN --network=wat true'), fails: true },
  { name: 'run-security-insecure-is-refused', dockerfile: onBase('RUN --security=insecure true'), fails: true },
  { name: 'run-security-sandbox', dockerfile: onBase('RUN --security=sandbox true'), since: '1.20' },
  { name: 'run-unknown-flag-fails', dockerfile: onBase('RUN --wat true'), fails: true },
]
