// SPDX-License-Identifier: Apache-2.0
import type { BuildCase } from '../build-case.js'
import { base, lines, onBase } from '../dockerfile.js'

/** Here-documents. */
export const heredocCases: readonly BuildCase[] = [
  {
    name: 'heredoc-run',
    dockerfile: onBase('ENV A=env', 'RUN <<EOF', 'B=shell', 'echo $A $B > /out', 'echo "two  words" >> /out', 'EOF'),
  },
  { name: 'heredoc-run-fails-at-the-end-only', dockerfile: onBase('RUN <<EOF', 'false', 'echo still > /out', 'EOF') },
  {
    name: 'heredoc-run-with-shebang',
    dockerfile: onBase('RUN <<EOF', '#!/bin/sh', 'echo "$0" | grep -c "^/dev/pipes/\\|^/" > /out', 'EOF'),
  },
  {
    name: 'heredoc-run-with-shebang-and-command-name',
    dockerfile: onBase('RUN <<EOF', '#!/bin/cat', 'kept as it is', 'EOF'),
  },
  { name: 'heredoc-run-given-to-a-command', dockerfile: onBase('RUN cat <<EOF > /out', 'a $HOME', 'EOF') },
  { name: 'heredoc-run-given-to-a-command-quoted', dockerfile: onBase('RUN cat <<"EOF" > /out', 'a $HOME', 'EOF') },
  { name: 'heredoc-run-quoted', dockerfile: onBase('ENV A=env', "RUN <<'EOF'", 'echo $A > /out', 'EOF') },
  {
    name: 'heredoc-run-two-for-a-command',
    dockerfile: onBase('RUN cat <<ONE > /one && cat <<TWO > /two', '1', 'ONE', '2', 'TWO'),
  },
  { name: 'heredoc-run-to-a-descriptor', dockerfile: onBase('RUN cat /dev/fd/3 3<<EOF > /out', 'three', 'EOF') },
  {
    name: 'heredoc-run-strips-tabs',
    dockerfile: onBase('RUN <<-EOF', '\techo tab > /out', '\t\techo two >> /out', '\tEOF'),
  },
  {
    name: 'heredoc-run-in-another-shell',
    dockerfile: onBase('SHELL ["/bin/sh", "-ec"]', 'RUN <<EOF', 'echo 1 > /out', 'EOF'),
  },
  {
    name: 'heredoc-run-stops-with-set-e',
    dockerfile: onBase('SHELL ["/bin/sh", "-ec"]', 'RUN true', 'RUN <<EOF', 'false', 'echo 1', 'EOF'),
    fails: true,
  },
  {
    name: 'heredoc-run-after-mounts',
    dockerfile: onBase('RUN --mount=type=tmpfs,target=/t <<EOF', 'touch /t/x && ls /t > /out', 'EOF'),
  },
  { name: 'heredoc-copy', dockerfile: onBase('COPY <<EOF /x/file', 'line one', '', '  indented', 'EOF') },
  {
    name: 'heredoc-copy-expands',
    dockerfile: onBase('ARG A=1', 'ENV B="b b"', 'COPY <<EOF /x', '$A ${B} ${C:-none} \\$A "$A" \'$A\'', 'EOF'),
  },
  { name: 'heredoc-copy-quoted-does-not-expand', dockerfile: onBase('ARG A=1', 'COPY <<"EOF" /x', '$A \\$A', 'EOF') },
  {
    name: 'heredoc-copy-into-directory-is-named-by-its-word',
    dockerfile: onBase('COPY <<one.txt <<two.txt /x/', '1', 'one.txt', '2', 'two.txt'),
  },
  { name: 'heredoc-copy-beside-files', dockerfile: onBase('COPY f <<here /x/', 'h', 'here'), context: { f: 'f\n' } },
  {
    name: 'heredoc-copy-mode-and-owner',
    dockerfile: onBase('COPY --chmod=755 --chown=app <<EOF /x', '#!/bin/sh', 'EOF'),
  },
  { name: 'heredoc-copy-as-a-user', dockerfile: onBase('USER app', 'COPY <<EOF /x', 'u', 'EOF') },
  { name: 'heredoc-copy-empty', dockerfile: onBase('COPY <<EOF /x', 'EOF') },
  { name: 'heredoc-copy-strips-tabs', dockerfile: onBase('COPY <<-EOF /x', '\tone', '\t\ttwo', '  \tthree', '\tEOF') },
  {
    name: 'heredoc-copy-keeps-backslashes-at-line-ends',
    dockerfile: onBase('COPY <<"EOF" /x', 'one \\', 'two', 'EOF'),
  },
  { name: 'heredoc-copy-unquoted-backslash-at-line-end', dockerfile: onBase('COPY <<EOF /x', 'one \\', 'two', 'EOF') },
  {
    name: 'heredoc-copy-keeps-comments',
    dockerfile: onBase('COPY <<EOF /x', '# not a comment', 'FROM nothing', 'EOF'),
  },
  { name: 'heredoc-copy-windows-lines', dockerfile: `FROM ${base}\r\nCOPY <<EOF /x\r\none\r\ntwo\r\nEOF\r\n` },
  { name: 'heredoc-add', dockerfile: onBase('ADD <<EOF /x', 'added', 'EOF') },
  {
    name: 'heredoc-onbuild',
    dockerfile: lines(
      `FROM ${base} AS one`,
      'ONBUILD RUN <<EOF',
      'echo trigger > /out',
      'EOF',
      'FROM one',
      'RUN cat /out',
    ),
  },
  { name: 'heredoc-unterminated-fails', dockerfile: onBase('RUN <<EOF', 'echo 1'), fails: true },
  { name: 'heredoc-with-non-ascii', dockerfile: onBase('COPY <<EOF /x', 'grüße 한국어', 'EOF') },
]
