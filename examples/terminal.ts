// SPDX-License-Identifier: Apache-2.0
// How do I get a shell in a container, in this terminal? Keys, size and Ctrl-C go to it; Ctrl-P Ctrl-Q leaves it running.
import { Container, EngineError, Image } from 'tscontainer'

const box = await Container.run(await Image.host(), { idle: true })
try {
  // Where this program has no terminal itself, the command gets one all the same, and reads a text.
  const stdin = process.stdin.isTTY ? 'inherit' : 'tty; stty size; exit\n'
  const { exitCode } = await box.exec(['sh'], { tty: true, stdin, stdout: 'inherit', check: false })
  console.log(`the shell ended with ${exitCode}`)
} catch (error) {
  if (!EngineError.is(error, 'ERR_EXEC_DETACHED')) throw error
  const left = await box.getExec(error.object ?? '')
  console.log(`${left.argv.join(' ')} still runs: ${left.running}`)
} finally {
  await box.remove({ force: true })
}
