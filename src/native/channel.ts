// SPDX-License-Identifier: Apache-2.0
import { basename, dirname } from 'node:path'
import { addon, type NativeChannel } from './addon.js'
import { openDirectory } from './descriptor.js'
import { nativeCall } from './native-call.js'

/** Packets of text and descriptors to and from a SOCK_SEQPACKET socket; the only place that knows descriptors can be sent. */
export interface Channel {
  send(text: string, fds?: readonly number[]): void
  setReferenced(referenced: boolean): void
  close(): void
}

// sun_path of unix(7) has 108 bytes, the final zero included.
const longestPath = 107
const noDescriptors: readonly number[] = []

/** Connects. Throws EngineErrors with errno ENOENT or ECONNREFUSED where nobody listens, as does {@link Channel.send} with the kernel's errno. */
export function openChannel(
  path: string,
  onPacket: (text: string, fds: readonly number[]) => void,
  onClose: (errno: number) => void,
): Channel {
  const receive = (text: string, fds: number[] | undefined) => onPacket(text, fds ?? noDescriptors)
  const channel = nativeCall(() => connect(path, receive, onClose))
  return {
    send: (text, fds) => nativeCall(() => channel.send(text, fds)),
    setReferenced: (referenced) => channel.setReferenced(referenced),
    close: () => channel.close(),
  }
}

// A path that is too long for the socket address is reached through a descriptor of its directory.
function connect(
  path: string,
  receive: (text: string, fds: number[] | undefined) => void,
  onClose: (errno: number) => void,
): NativeChannel {
  const { Channel } = addon()
  if (Buffer.byteLength(path) <= longestPath) return new Channel(path, receive, onClose)
  const directory = openDirectory(dirname(path))
  try {
    return new Channel(`/proc/self/fd/${directory.fd}/${basename(path)}`, receive, onClose)
  } finally {
    directory.close()
  }
}
