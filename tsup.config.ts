import { defineConfig } from 'tsup'

// One engine however it is imported: there is one build, CommonJS; scripts/esm-entry.mjs writes the ESM entry that re-exports it.
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['cjs'],
  target: 'node20',
  platform: 'node',
  tsconfig: 'tsconfig.build.json',
  outExtension: () => ({ js: '.cjs', dts: '.d.cts' }),
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: true,
  clean: true,
  shims: true,
  splitting: false,
})
