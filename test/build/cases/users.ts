// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

const ids = 'RUN echo "$(id -u):$(id -g) $(id -G) $HOME" > /tmp/out'

/** USER, WORKDIR, and what a RUN finds. */
export const userCases: readonly BuildCase[] = [
  { name: 'user-name', dockerfile: onBase('USER app', ids) },
  { name: 'user-name-has-its-groups', dockerfile: onBase('USER web', ids) },
  { name: 'user-number-known', dockerfile: onBase('USER 1001', ids) },
  { name: 'user-number-unknown', dockerfile: onBase('USER 4321', ids) },
  { name: 'user-and-group-names', dockerfile: onBase('USER app:staff', ids) },
  { name: 'user-and-group-numbers', dockerfile: onBase('USER 7:8', ids) },
  { name: 'user-unknown-name-fails-at-run', dockerfile: onBase('USER nobodyhere', 'RUN true'), fails: true },
  { name: 'user-unknown-name-alone-does-not-fail', dockerfile: onBase('USER nobodyhere') },
  { name: 'user-unknown-group-fails-at-run', dockerfile: onBase('USER app:nogrouphere', 'RUN true'), fails: true },
  {
    name: 'user-of-the-base',
    dockerfile: lines('FROM tsc-test/configured:1', 'RUN id -u > /tmp/out && pwd >> /tmp/out'),
  },
  {
    name: 'user-made-by-an-earlier-run',
    dockerfile: onBase("RUN echo 'late:x:4242:4343::/nohome:/bin/sh' >> /etc/passwd", 'USER late', ids),
  },
  { name: 'user-back-to-root', dockerfile: onBase('USER app', 'USER root', ids) },
  { name: 'user-ends-with-its-stage', dockerfile: lines(`FROM ${base} AS one`, 'USER app', `FROM ${base}`, ids) },
  { name: 'user-home-is-set-by-passwd-unless-env-does', dockerfile: onBase('ENV HOME=/mine', 'USER app', ids) },
  { name: 'user-expands', dockerfile: onBase('ARG U=app', 'USER ${U}:staff', ids) },
  { name: 'user-empty-fails', dockerfile: onBase('USER'), fails: true },
  { name: 'workdir-is-made-as-root', dockerfile: onBase('WORKDIR /a/b/c') },
  {
    name: 'workdir-is-made-for-the-user',
    dockerfile: onBase('USER app', 'WORKDIR /a/b/c', 'RUN stat -c "%u:%g %a" . .. > /tmp/out'),
  },
  { name: 'workdir-existing-keeps-its-owner', dockerfile: onBase('USER app', 'WORKDIR /srv') },
  { name: 'workdir-inside-existing', dockerfile: onBase('WORKDIR /srv/new') },
  { name: 'workdir-relative', dockerfile: onBase('WORKDIR /a', 'WORKDIR b', 'WORKDIR ../c', 'RUN pwd > /out') },
  { name: 'workdir-relative-first', dockerfile: onBase('WORKDIR x/y', 'RUN pwd > /out') },
  { name: 'workdir-with-blanks', dockerfile: onBase('WORKDIR /with blank', 'RUN pwd > /out') },
  { name: 'workdir-quoted', dockerfile: onBase('WORKDIR "/with quotes"', 'RUN pwd > /out') },
  { name: 'workdir-expands', dockerfile: onBase('ENV D=/e', 'WORKDIR $D/f', 'RUN pwd > /out') },
  { name: 'workdir-that-is-absolute-is-kept-as-written', dockerfile: onBase('WORKDIR /a/./b/../c//d/') },
  { name: 'workdir-over-a-file-fails', dockerfile: onBase('WORKDIR /etc/passwd', 'RUN true'), fails: true },
  {
    name: 'workdir-of-the-base-is-made-for-run',
    dockerfile: lines(`FROM ${base} AS one`, 'WORKDIR /gone', 'RUN rmdir /gone', 'RUN pwd > /out'),
  },
  { name: 'workdir-on-scratch', dockerfile: lines('FROM scratch', 'WORKDIR /a/b') },
  { name: 'workdir-removed-directory-is-made-again', dockerfile: onBase('RUN rm -r /home/app', 'WORKDIR /home/app') },
  { name: 'run-environment', dockerfile: onBase('RUN env | grep -v -E "^(HOSTNAME|SHLVL)=" | sort > /out') },
  { name: 'run-json-form-has-no-shell', dockerfile: onBase('ENV A=1', 'RUN ["/bin/touch", "/$A", "/b c"]') },
  { name: 'run-json-form-finds-by-path', dockerfile: onBase('RUN ["touch", "/x"]') },
  { name: 'run-stdin-is-empty', dockerfile: onBase('RUN wc -c > /out') },
  { name: 'run-umask', dockerfile: onBase('RUN umask > /out && touch /f && mkdir /d') },
  {
    name: 'run-hosts-and-resolv-leave-no-trace',
    dockerfile: onBase('RUN test -s /etc/hosts && test -e /etc/resolv.conf && ls /etc > /out'),
  },
  {
    name: 'run-writes-to-hosts-and-fails',
    dockerfile: onBase('RUN echo 1.2.3.4 x > /etc/hosts'),
    fails: true,
  },
  {
    name: 'run-dev-and-proc-leave-no-trace',
    dockerfile: onBase('RUN echo x > /dev/shm/x && ls /dev | sort > /out && ls -d /proc/self/fd /sys/kernel >> /out'),
  },
  {
    name: 'run-capabilities',
    dockerfile: onBase('RUN grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status > /out'),
  },
  { name: 'run-removes-a-file', dockerfile: onBase('RUN rm /etc/base-file') },
  { name: 'run-removes-a-directory', dockerfile: onBase('RUN rm -r /usr/share') },
  {
    name: 'run-replaces-a-directory',
    dockerfile: onBase('RUN rm -r /usr/share && mkdir /usr/share && touch /usr/share/new'),
  },
  { name: 'run-replaces-a-directory-by-a-file', dockerfile: onBase('RUN rm -r /usr/share && touch /usr/share') },
  { name: 'run-replaces-a-file-by-a-directory', dockerfile: onBase('RUN rm /etc/base-file && mkdir /etc/base-file') },
  { name: 'run-removes-what-it-made', dockerfile: onBase('RUN touch /x && rm /x') },
  { name: 'run-removes-what-another-made', dockerfile: onBase('RUN mkdir /d && touch /d/x /d/y', 'RUN rm /d/x') },
  { name: 'run-changes-a-mode', dockerfile: onBase('RUN chmod 600 /etc/base-file') },
  { name: 'run-changes-an-owner', dockerfile: onBase('RUN chown 5:6 /etc/base-file /srv') },
  { name: 'run-changes-nothing', dockerfile: onBase('RUN true') },
  {
    name: 'run-hard-links-within-a-layer',
    dockerfile: onBase('RUN echo 1 > /a && ln /a /b && mkdir /d && ln /a /d/c'),
  },
  { name: 'run-hard-links-a-file-of-the-base', dockerfile: onBase('RUN ln /etc/base-file /etc/linked') },
  { name: 'run-renames-a-directory-of-the-base', dockerfile: onBase('RUN mv /home/app /home/moved') },
  {
    name: 'run-makes-special-files',
    dockerfile: onBase('RUN mkfifo /f && mknod /null c 1 3 && mknod /blk b 7 9 && ln -s /nowhere /l'),
  },
  { name: 'run-set-id-bits', dockerfile: onBase('RUN touch /s && chmod 6755 /s && mkdir -m 1777 /t') },
  { name: 'run-fails', dockerfile: onBase('RUN true', 'RUN exit 3'), fails: true },
  { name: 'run-is-the-first-process', dockerfile: onBase('RUN echo $$ > /out') },
  { name: 'run-missing-command-fails', dockerfile: onBase('RUN ["/no/such/program"]'), fails: true },
  { name: 'run-without-a-shell-fails', dockerfile: lines('FROM tsc-test/bare:1', 'RUN true'), fails: true },
]
