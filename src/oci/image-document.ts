// SPDX-License-Identifier: Apache-2.0
import { omitUndefined } from './descriptor.js'
import { parseDigest } from './digest.js'
import { Fields, invalidField } from './fields.js'
import type { HistoryEntry, ImageConfig, ImageDocument, ImageHealthcheck } from './image-config.js'
import { parseUntrustedJson } from './json.js'
import { maxLayers } from './manifest.js'
import { platformToJson, readPlatform } from './platform.js'

/** The image configuration in these bytes; ERR_IMAGE_INVALID with the path of what is wrong. */
export function parseImageDocument(data: Uint8Array | string): ImageDocument {
  const fields = new Fields(parseUntrustedJson(data, 'image config', { maxBytes: 8 * 1024 * 1024 }), 'image config')
  const rootfs = fields.required('rootfs', fields.object('rootfs'))
  if (rootfs.string('type') !== 'layers') throw invalidField('image config.rootfs.type', "expected 'layers'")
  const config = fields.object('config')
  return omitUndefined({
    created: fields.string('created'),
    author: fields.string('author'),
    platform: readPlatform(fields),
    config: config === undefined ? {} : readConfig(config),
    diffIds: rootfs.array('diff_ids', maxLayers, parseDigest) ?? [],
    history: fields.array('history', 65_536, readHistory) ?? [],
  })
}

/** The document's JSON, in the order of members that other tools write; `extra` comes last. */
export function imageDocumentToJson(document: ImageDocument, extra: Readonly<Record<string, unknown>> = {}): string {
  const { created, author, platform, config, diffIds, history } = document
  return JSON.stringify({
    created,
    author,
    ...platformToJson(platform),
    config: configToJson(config),
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: history.map(historyToJson),
    ...extra,
  })
}

function readConfig(fields: Fields): ImageConfig {
  const healthcheck = fields.object('Healthcheck')
  return omitUndefined({
    user: fields.string('User'),
    exposedPorts: fields.keySet('ExposedPorts'),
    env: fields.array('Env', 65_536, readEnv),
    entrypoint: fields.strings('Entrypoint'),
    cmd: fields.strings('Cmd'),
    volumes: fields.keySet('Volumes'),
    workingDir: fields.string('WorkingDir'),
    labels: fields.stringMap('Labels'),
    stopSignal: fields.string('StopSignal'),
    healthcheck: healthcheck && readHealthcheck(healthcheck),
    shell: fields.strings('Shell'),
    onBuild: fields.strings('OnBuild'),
  })
}

function configToJson(config: ImageConfig): Record<string, unknown> {
  const set = (keys: readonly string[] | undefined) => keys && Object.fromEntries(keys.map((key) => [key, {}]))
  return {
    User: config.user,
    ExposedPorts: set(config.exposedPorts),
    Env: config.env,
    Entrypoint: config.entrypoint,
    Cmd: config.cmd,
    Healthcheck: config.healthcheck && healthcheckToJson(config.healthcheck),
    Volumes: set(config.volumes),
    WorkingDir: config.workingDir,
    Labels: config.labels,
    StopSignal: config.stopSignal,
    Shell: config.shell,
    OnBuild: config.onBuild,
  }
}

function readEnv(value: unknown, path: string): string {
  if (typeof value !== 'string' || !/^[^=\0][^\0]*$/.test(value) || !value.includes('='))
    throw invalidField(path, 'is not NAME=value')
  return value
}

function readHealthcheck(fields: Fields): ImageHealthcheck {
  // Docker writes nanoseconds, and 0 for "not given".
  const ms = (key: string) => {
    const nanoseconds = fields.integer(key)
    if (nanoseconds !== undefined && nanoseconds < 0) throw invalidField(`${fields.path}.${key}`, 'is negative')
    return nanoseconds ? nanoseconds / 1e6 : undefined
  }
  return omitUndefined({
    test: fields.strings('Test') ?? [],
    intervalMs: ms('Interval'),
    timeoutMs: ms('Timeout'),
    startPeriodMs: ms('StartPeriod'),
    startIntervalMs: ms('StartInterval'),
    retries: fields.integer('Retries') || undefined,
  })
}

function healthcheckToJson(healthcheck: ImageHealthcheck): Record<string, unknown> {
  const nanoseconds = (ms: number | undefined) => ms && Math.round(ms * 1e6)
  return {
    Test: healthcheck.test,
    Interval: nanoseconds(healthcheck.intervalMs),
    Timeout: nanoseconds(healthcheck.timeoutMs),
    StartPeriod: nanoseconds(healthcheck.startPeriodMs),
    StartInterval: nanoseconds(healthcheck.startIntervalMs),
    Retries: healthcheck.retries,
  }
}

function readHistory(value: unknown, path: string): HistoryEntry {
  const fields = new Fields(value, path)
  return omitUndefined({
    created: fields.string('created'),
    author: fields.string('author'),
    createdBy: fields.string('created_by'),
    comment: fields.string('comment'),
    emptyLayer: fields.boolean('empty_layer'),
  })
}

function historyToJson(entry: HistoryEntry): Record<string, unknown> {
  const { created, author, createdBy, comment, emptyLayer } = entry
  return { created, created_by: createdBy, author, comment, empty_layer: emptyLayer }
}
