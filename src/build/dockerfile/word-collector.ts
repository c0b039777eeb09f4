// SPDX-License-Identifier: Apache-2.0
import { isSpace } from './spaces.js'

/** Gathers a text, and at the same time the words it consists of. */
export class WordCollector {
  private readonly parts: string[] = []
  private readonly finished: string[] = []
  private word = ''

  /** Text whose white space separates words. */
  add(text: string): void {
    this.parts.push(text)
    for (const character of text) {
      if (!isSpace(character)) this.word += character
      else if (this.word !== '') this.endWord()
    }
  }

  /** Text that belongs to one word with its white space. */
  addRaw(text: string): void {
    this.parts.push(text)
    this.word += text
  }

  /** Everything that was added. */
  get text(): string {
    return this.parts.join('')
  }

  /** The words; an empty one, `""`, is none. */
  get words(): readonly string[] {
    return this.word === '' ? this.finished : [...this.finished, this.word]
  }

  private endWord(): void {
    this.finished.push(this.word)
    this.word = ''
  }
}
