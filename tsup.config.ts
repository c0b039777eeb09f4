import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { defineConfig } from 'tsup'

// One engine however it is imported: there is one build, CommonJS, and the ESM entry re-exports it by name.
// Its declarations re-export too, so that a class is the same type in both worlds.
const writeEsmEntry = (name: string): void => {
  const exported = Object.keys(createRequire(import.meta.url)(`./dist/${name}.cjs`)).sort()
  const lines = exported.map((key) => `export const ${key} = build.${key}`)
  writeFileSync(`dist/${name}.js`, `import build from './${name}.cjs'\n\n${lines.join('\n')}\n`)
  writeFileSync(`dist/${name}.d.ts`, `export * from './${name}.cjs'\n`)
}

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
  onSuccess: async () => writeEsmEntry('index'),
})
