import type { PluginBuild } from 'esbuild'
import { defineConfig } from 'tsup'

const common = {
  target: 'node20',
  platform: 'node',
  tsconfig: 'tsconfig.build.json',
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: true,
  splitting: false,
} as const

// One class of errors: what is bundled beside the engine takes that of the package itself.
const packagesErrors = {
  name: 'errors of the package',
  setup: (build: PluginBuild) => {
    build.onResolve({ filter: /\/engine-error\.js$/ }, () => ({ path: 'tscontainer', external: true }))
  },
}

export default defineConfig([
  // One engine however it is imported: there is one build, CommonJS; scripts/esm-entry.mjs writes the ESM entry that re-exports it.
  {
    ...common,
    entry: ['src/index.ts'],
    format: ['cjs'],
    outExtension: () => ({ js: '.cjs', dts: '.d.cts' }),
    clean: ['!testing.*', '!compose.*'],
    shims: true,
  },
  // Likewise; the engine is that of the package itself.
  {
    ...common,
    entry: ['src/compose.ts'],
    format: ['cjs'],
    outExtension: () => ({ js: '.cjs', dts: '.d.cts' }),
    external: ['tscontainer'],
    esbuildPlugins: [packagesErrors],
  },
  // Vitest is ESM alone, and so is what extends it. The engine is that of the package itself.
  { ...common, entry: ['src/testing.ts'], format: ['esm'], external: ['tscontainer', 'vitest'] },
])
