// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { Stop } from '../../scripts/lib/run.mjs'

// fsopen, fsconfig, fsmount, move_mount: of two file systems the first that was made is attached last. Their numbers are those of every machine.
const program = `
sub made { my $name = shift; my ($type, $key) = ("tmpfs", "source"); my $context = syscall(430, $type, 1);
  syscall(431, $context, 1, $key, $name, 0); syscall(431, $context, 6, 0, 0, 0); return syscall(432, $context, 1, 0) }
my ($first, $second) = (made("made-first"), made("made-second"));
my ($empty, $place) = ("", "/mnt");
for ($second, $first) { syscall(429, $_, $empty, -100, $place, 4) == 0 or die "move_mount: $!" }
open my $mounts, "<", "/proc/self/mountinfo"; print grep { /made-/ } <$mounts>;`

/**
 * Whether mountinfo lists mounts in the order in which they were made, whenever they were attached: since Linux 6.8 ("mounts: keep list of mounts in
 * an rbtree", 2eea9ce4310d: m_start and m_next of fs/namespace.c go by mnt_id_unique, which a mount gets when it is made). Before, it is the order in
 * which they were attached.
 */
export const listsAsMade = () => {
  const words = ['--mount', '--propagation', 'private', 'perl', '-e', program]
  const { status, stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8' })
  const names = stdout.match(/made-\w+/g) ?? []
  if (status !== 0 || names.length !== 2) throw new Stop(`the order of mountinfo is not to be seen: ${stderr}`)
  return names[0] === 'made-first'
}
