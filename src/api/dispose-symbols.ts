// SPDX-License-Identifier: Apache-2.0

// Node 20.0 to 20.3 have neither symbol; what is compiled for `using` looks them up at run time, as our classes do when they are defined.
for (const name of ['dispose', 'asyncDispose'] as const) {
  if (Symbol[name] === undefined) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) })
}
