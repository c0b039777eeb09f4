// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { has } from './needs.js'

const execute = promisify(execFile)

/** Runs a program that must succeed with the ids of an engine of ours: as root as it is, else as root of the caller's subordinate ids. */
export const runMapped = async (file: string, ...args: readonly string[]): Promise<string> => {
  const prefix = has('root') ? [] : ['unshare', '--user', '--map-root-user', '--map-auto']
  const [command = file, ...rest] = [...prefix, file, ...args]
  return (await execute(command, rest, { maxBuffer: 64 * 1024 * 1024 })).stdout
}

/** A buildah with everything of its own below one directory. */
export interface Buildah {
  /** Builds a Containerfile beside that `root.tar`; every RUN becomes a layer. */
  build(containerfile: string, rootTar: string, name: string): Promise<void>
  push(name: string, to: string): Promise<void>
  /** Removes everything of its own: without root its files belong to subordinate ids. */
  remove(): Promise<void>
}

/**
 * Makes one. As root its layers are overlayfs's, with opaque directories; otherwise they are compared copies, so that both of its ways to
 * make a layer are met. Nothing runs in a namespace of networks, and nothing is downloaded.
 */
export const makeBuildah = async (directory: string): Promise<Buildah> => {
  const at = (name: string) => join(directory, name)
  await mkdir(at('context'), { recursive: true })
  await mkdir(at('runtime'), { mode: 0o700 })
  await writeFile(at('policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
  const env = { PATH: process.env.PATH, HOME: directory, TMPDIR: directory, XDG_RUNTIME_DIR: at('runtime') }
  // What it mounts goes with its namespace.
  const prefix = has('root') ? ['unshare', '--mount', 'buildah'] : ['buildah']
  const driver = has('root') ? 'overlay' : 'vfs'
  const places = ['--root', at('store'), '--runroot', at('run'), '--storage-driver', driver]
  const policy = ['--signature-policy', at('policy.json')]
  const buildah = async (...args: readonly string[]) => {
    const [command = '', ...rest] = [...prefix, ...places, ...args]
    await execute(command, rest, { env, cwd: at('context'), maxBuffer: 64 * 1024 * 1024 })
  }
  return {
    build: async (containerfile, rootTar, name) => {
      await writeFile(at('context/Containerfile'), containerfile)
      await copyFile(rootTar, at('context/root.tar'))
      await buildah('bud', ...policy, '-q', '--layers', '--isolation', 'chroot', '--format', 'docker', '-t', name, '.')
    },
    push: (name, to) => buildah('push', ...policy, '-q', '--tls-verify=false', name, to),
    remove: async () => {
      await runMapped('rm', '-rf', directory)
    },
  }
}
