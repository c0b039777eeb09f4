// SPDX-License-Identifier: Apache-2.0

// What Docker, its clients, compose files and execa call what is an option here, in lower case.
const others: Readonly<Record<string, readonly string[]>> = {
  binds: ['mounts'],
  buildargs: ['args'],
  cap_add: ['capabilities'],
  cap_drop: ['capabilities'],
  capadd: ['capabilities'],
  capdrop: ['capabilities'],
  cmd: ['command'],
  cwd: ['workdir'],
  exposedports: ['ports'],
  file: ['dockerfile'],
  forcekillafterdelay: ['killGraceMs'],
  input: ['stdin'],
  portbindings: ['ports'],
  publish: ['ports'],
  readonly: ['readonlyRootfs'],
  reject: ['check'],
  rm: ['autoRemove'],
  securityopt: ['seccomp', 'noNewPrivileges'],
  tmpfs: ['mounts'],
  volumes: ['mounts'],
  waitstrategy: ['ready'],
  workdir: ['cwd'],
  working_dir: ['workdir', 'cwd'],
  workingdir: ['workdir', 'cwd'],
}

/** The option of these that is called so elsewhere. */
export function knownElsewhere(name: string, options: readonly string[]): string | undefined {
  const key = name.toLowerCase()
  return Object.hasOwn(others, key) ? others[key]?.find((option) => options.includes(option)) : undefined
}
