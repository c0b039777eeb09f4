// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { StampedFiles } from '../store/file-stamp.js'
import { readRecordFile, recordNames } from '../store/record-file.js'
import { checkName } from '../util/object-name.js'
import { isId, isIdPrefix } from '../util/random-id.js'
import { checkOptions } from '../util/validate.js'
import type { NetworkContext } from './network-context.js'
import { type NetworkFilter, networkFilterShape } from './network-options.js'
import { type NetworkRecord, parseNetworkRecord } from './network-record.js'

const records = new StampedFiles<NetworkRecord>()

/** The network of that name; undefined if there is none. ERR_STORE_CORRUPT where its record is damaged. */
export async function findNetwork(context: NetworkContext, name: string): Promise<NetworkRecord | undefined> {
  const path = (await context.paths()).networkRecord(name)
  return await records.get(path, 'stat network record', () =>
    readRecordFile('read network record', path, (data) => parseNetworkRecord(data, { name, path })),
  )
}

/**
 * The network of that name, id, or unique beginning of an id, in this order. ERR_NETWORK_NOT_FOUND, ERR_AMBIGUOUS_ID;
 * ERR_INVALID_ARGUMENT for what can be none of them.
 */
export async function getNetwork(context: NetworkContext, idOrName: unknown): Promise<NetworkRecord> {
  const text = checkName(idOrName, 'network')
  const named = await findNetwork(context, text)
  if (named) return named
  const fitting =
    isId(text) || isIdPrefix(text) ? (await allNetworks(context)).filter(({ id }) => id.startsWith(text)) : []
  const [found, another] = fitting
  if (found && !another) return found
  throw new EngineError({
    code: another ? 'ERR_AMBIGUOUS_ID' : 'ERR_NETWORK_NOT_FOUND',
    message: another ? `the id ${quoted(text)} fits ${fitting.length} networks` : `there is no network ${quoted(text)}`,
    object: text,
    hint: another ? 'give more of its digits' : 'make it first: Network.create({ name })',
  })
}

/** All that fit, by name. Those whose record is damaged are left out: asked for by name they say so. */
export async function listNetworks(
  context: NetworkContext,
  filter: NetworkFilter = {},
): Promise<readonly NetworkRecord[]> {
  checkOptions(filter, networkFilterShape, 'filter')
  const found = await allNetworks(context, filter.signal)
  const wanted = Object.entries(filter.labels ?? {})
  return found.filter(({ labels }) =>
    wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value),
  )
}

/** Every network whose record can be read, by name. */
export async function allNetworks(context: NetworkContext, signal?: AbortSignal): Promise<readonly NetworkRecord[]> {
  const found: NetworkRecord[] = []
  for (const name of await recordNames((await context.paths()).networks)) {
    signal?.throwIfAborted()
    const record = await undamaged(context, name)
    if (record) found.push(record)
  }
  return found
}

async function undamaged(context: NetworkContext, name: string): Promise<NetworkRecord | undefined> {
  try {
    return await findNetwork(context, checkName(name))
  } catch (error) {
    if (EngineError.is(error, 'ERR_STORE_CORRUPT') || EngineError.is(error, 'ERR_INVALID_ARGUMENT')) return undefined
    throw error
  }
}
