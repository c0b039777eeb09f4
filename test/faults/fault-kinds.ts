// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os'
import type { Order } from './fault-file.js'

/** Something that happens at a step. */
export interface Fault {
  readonly name: string
  readonly order: Omit<Order, 'wanted'>
  /** Who is killed while the call stands still. */
  readonly victim?: 'supervisor' | 'node' | undefined
  /** Whether it is at calls of node:fs, not at those of the supervisor and what it forks. */
  readonly inNode?: true
}

// As Kind in addon/test/faults/fault_calls.h.
const [space, device, descriptor, memory, right, interrupted, step] = [1, 2, 4, 8, 16, 32, 64] as const

const failing = (name: string, errno: number, kinds: number, lasting = false): Fault => ({
  name,
  order: { kinds, action: 'fail', errno, lasting },
})

const inNode = (name: string, order: Fault['order']): Fault => ({ name: `node: ${name}`, order, inNode: true })

const { ENOSPC, EIO, EMFILE, ENOMEM, EPERM, EINTR } = constants.errno

/** All faults that are walked. `…-lasting`: from that step on, as where a disk is full. */
export const faults: readonly Fault[] = [
  { name: 'kill-supervisor', victim: 'supervisor', order: { kinds: step, action: 'hold', errno: 0, lasting: false } },
  { name: 'kill-node', victim: 'node', order: { kinds: step, action: 'hold', errno: 0, lasting: false } },
  { name: 'kill-self', order: { kinds: step, action: 'die', errno: 0, lasting: false } },
  failing('enospc', ENOSPC, space),
  failing('enospc-lasting', ENOSPC, space, true),
  failing('eio', EIO, device),
  failing('emfile', EMFILE, descriptor),
  failing('emfile-lasting', EMFILE, descriptor, true),
  failing('enomem', ENOMEM, memory),
  failing('eperm', EPERM, right),
  failing('eintr', EINTR, interrupted),
  inNode('kill-self', { kinds: step, action: 'die', errno: 0, lasting: false }),
  inNode('enospc', failing('', ENOSPC, space).order),
  inNode('enospc-lasting', failing('', ENOSPC, space, true).order),
  inNode('eio', failing('', EIO, device).order),
  inNode('emfile', failing('', EMFILE, descriptor).order),
  inNode('emfile-lasting', failing('', EMFILE, descriptor, true).order),
]
