// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'
import { afterAll, beforeAll } from 'vitest'
import { has } from './needs.js'

/** What it knows of a name: addresses, or the name that it stands for. */
export interface ZoneEntry {
  readonly addresses?: readonly string[]
  readonly alias?: string
  /** Seconds; 60 by default. */
  readonly ttl?: number
}

export interface NameServer {
  readonly address: string
  readonly zone: Map<string, ZoneEntry>
  /** Names that it was asked for. */
  readonly asked: string[]
}

const nameOf = (query: Buffer): string => {
  const labels: string[] = []
  for (let at = 12; query[at]; at += 1 + (query[at] ?? 0))
    labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)))
  return labels.join('.').toLowerCase()
}
const wire = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ])
const bytesOf = (address: string): Buffer => {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string) => (text ? text.split(':') : [])
  const [before, after] = [groups(head), groups(tail)]
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  return Buffer.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]))
}
const record = (owner: string, type: number, ttl: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(10)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(1, 2)
  head.writeUInt32BE(ttl, 4)
  head.writeUInt16BE(data.length, 8)
  return Buffer.concat([wire(owner), head, data])
}

const answer = (query: Buffer, zone: NameServer['zone']): Buffer => {
  const name = nameOf(query)
  const end = 12 + wire(name).length + 4
  const type = query.readUInt16BE(end - 4)
  const records: Buffer[] = []
  for (let at: string | undefined = name; at !== undefined; ) {
    const { addresses = [], alias, ttl = 60 }: ZoneEntry = zone.get(at) ?? {}
    for (const address of addresses)
      if ((type === 1 && isIPv4(address)) || (type === 28 && !isIPv4(address)))
        records.push(record(at, type, ttl, bytesOf(address)))
    if (alias !== undefined) records.push(record(at, 5, ttl, wire(alias)))
    at = alias
  }
  const head = Buffer.from(query.subarray(0, 12))
  head.writeUInt16BE(zone.has(name) ? 0x8180 : 0x8183, 2)
  for (const [offset, count] of [
    [4, 1],
    [6, records.length],
    [8, 0],
    [10, 0],
  ] as const)
    head.writeUInt16BE(count, offset)
  return Buffer.concat([head, query.subarray(12, end), ...records])
}

/** A name server of the host. Only root can be one where one is looked for: without it there is none. */
export const useNameServer = (address: string): NameServer => {
  let socket: Socket | undefined
  const server: NameServer = { address, zone: new Map(), asked: [] }
  beforeAll(async () => {
    if (!has('root')) return
    socket = createSocket('udp4').bind(53, address)
    await once(socket, 'listening')
    socket.on('message', (query, from) => {
      server.asked.push(nameOf(query))
      socket?.send(answer(query, server.zone), from.port, from.address)
    })
  })
  afterAll(() => void socket?.close())
  return server
}
