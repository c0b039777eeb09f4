// SPDX-License-Identifier: Apache-2.0

const longestPiece = 1_048_576
const newline = 0x0a
const nothing = Buffer.alloc(0)

/** Cuts what comes in chunks into lines of UTF-8 text, and knows at any time which bytes are in no line yet. */
export class LineSplitter {
  readonly #decoder = new TextDecoder()
  // What has come of a line so far: joined once, however many pieces it is.
  #parts: string[] = []
  #length = 0
  #bytes: Uint8Array = nothing
  #cut: Uint8Array = nothing
  #taken = 0
  #inPieces = false

  /** What there is of a line without an end, when nothing more comes. */
  end(): string {
    this.#keep(this.#decoder.decode(this.#cut))
    return this.#take()
  }

  /** The lines that end in the chunk; a long one that does not end comes in pieces. To be used up, or left for good. */
  *add(chunk: Uint8Array): Generator<string, void> {
    this.#bytes = this.#cut.byteLength === 0 ? chunk : Buffer.concat([this.#cut, chunk])
    this.#cut = this.#bytes.subarray(this.#bytes.byteLength - cutCharacter(this.#bytes))
    this.#taken = 0
    this.#inPieces = false
    const text = this.#decoder.decode(this.#bytes.subarray(0, this.#bytes.byteLength - this.#cut.byteLength), {
      stream: true,
    })
    const [first = '', ...others] = text.split('\n')
    this.#keep(first)
    for (const next of others) {
      this.#taken++
      yield this.#take()
      this.#keep(next)
    }
    this.#inPieces = this.#length >= longestPiece
    if (this.#inPieces) yield this.#take()
  }

  /** Of the last chunk, what was in none of its lines that were taken. */
  rest(): Uint8Array {
    if (this.#inPieces) return this.#cut
    let begin = 0
    for (let line = 0; line < this.#taken; line++) begin = this.#bytes.indexOf(newline, begin) + 1
    return this.#bytes.subarray(begin)
  }

  #keep(part: string): void {
    if (part === '') return
    this.#parts.push(part)
    this.#length += part.length
  }

  #take(): string {
    const line = this.#parts.join('')
    this.#parts = []
    this.#length = 0
    return line
  }
}

// How many bytes at the end are the beginning of a character: those of its first byte say how many it has.
function cutCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.byteLength); back++) {
    const byte = bytes[bytes.byteLength - back] as number
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return lengthOfCharacter(byte) > back ? back : 0
  }
  return 0
}

function lengthOfCharacter(firstByte: number): number {
  if (firstByte >= 0xf8) return 1
  if (firstByte >= 0xf0) return 4
  return firstByte >= 0xe0 ? 3 : 2
}
