// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An entry of a layer that a test writes as it likes, parents or not. */
export interface LayerEntry {
  readonly path: string
  readonly type?: 'file' | 'link' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo'
  readonly data?: string | Uint8Array
  readonly target?: string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Seconds since 1970. */
  readonly mtime?: number
  readonly device?: readonly [number, number]
  readonly xattrs?: Readonly<Record<string, Buffer>>
}

const flags = { file: '0', link: '1', symlink: '2', char: '3', block: '4', directory: '5', fifo: '6' } as const

/** The entries as a tar, in the order given. */
export const tarOfEntries = (entries: readonly LayerEntry[]): Buffer =>
  Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(1024)])

const blocksOf = (entry: LayerEntry): Buffer[] => {
  const { path, type = 'file', data = '', target = '', xattrs = {} } = entry
  const pax = Buffer.concat(Object.entries(xattrs).map(([name, value]) => record(`SCHILY.xattr.${name}`, value)))
  const before = pax.length > 0 ? [header({ path: 'pax' }, 'x', pax.length), padded(pax)] : []
  const bytes = Buffer.from(type === 'file' ? data : '')
  return [...before, header({ ...entry, path, target }, flags[type], bytes.length), padded(bytes)]
}

const record = (key: string, value: Buffer): Buffer => {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

const header = (entry: LayerEntry, flag: string, size: number): Buffer => {
  const { path, target = '', mode = 0o644, uid = 0, gid = 0, mtime = 1, device = [0, 0] } = entry
  const bytes = Buffer.alloc(512)
  const octal = (value: number, at: number, digits: number) =>
    bytes.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'ascii')
  bytes.write(path, 0, 100)
  octal(mode, 100, 7)
  octal(uid, 108, 7)
  octal(gid, 116, 7)
  octal(size, 124, 11)
  octal(mtime, 136, 11)
  bytes.fill(' ', 148, 156)
  bytes.write(flag, 156, 'ascii')
  bytes.write(target, 157, 100)
  bytes.write('ustar\x0000', 257, 'ascii')
  octal(device[0], 329, 7)
  octal(device[1], 337, 7)
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii')
  return bytes
}

const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)])

/** Writes an OCI layout with one image, named `name`, of these layers; their blobs have digests of that algorithm. */
export const writeLayout = async (
  directory: string,
  layers: readonly (readonly LayerEntry[])[],
  options: {
    readonly algorithm?: 'sha256' | 'sha512'
    readonly name?: string
    readonly architecture?: string
    /** Where the image wants volumes. */
    readonly volumes?: readonly string[]
    /** The `config` of the image's configuration, in place of one with a shell. */
    readonly config?: Readonly<Record<string, unknown>>
    readonly history?: readonly object[]
  } = {},
): Promise<string> => {
  const {
    algorithm = 'sha256',
    name = 'example.com/layered:1',
    architecture = goArchitecture(),
    volumes = [],
  } = options
  const put = async (content: Buffer | object, mediaType: string, by: string = 'sha256') => {
    const data = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
    const hex = createHash(by).update(data).digest('hex')
    await mkdir(join(directory, 'blobs', by), { recursive: true })
    await writeFile(join(directory, 'blobs', by, hex), data)
    return { mediaType, digest: `${by}:${hex}`, size: data.length }
  }
  const tars = layers.map(tarOfEntries)
  const config = await put(
    {
      architecture,
      os: 'linux',
      config: options.config ?? {
        Cmd: ['/bin/sh'],
        ...(volumes.length > 0 && { Volumes: Object.fromEntries(volumes.map((path) => [path, {}])) }),
      },
      ...(options.history && { history: options.history }),
      rootfs: {
        type: 'layers',
        diff_ids: tars.map((tar) => `sha256:${createHash('sha256').update(tar).digest('hex')}`),
      },
    },
    'application/vnd.oci.image.config.v1+json',
  )
  const blobs = await Promise.all(tars.map((tar) => put(tar, 'application/vnd.oci.image.layer.v1.tar', algorithm)))
  const type = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = await put({ schemaVersion: 2, mediaType: type, config, layers: blobs }, type)
  const entry = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': name } }
  await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  await writeFile(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }))
  return directory
}

const goArchitecture = (): string => ({ x64: 'amd64', arm64: 'arm64' })[process.arch as 'x64'] ?? process.arch
