const BLOCK_BYTES = 16_384;

/**
 * Collects bytes that arrive in pieces. Copies them into blocks: a piece of one byte then costs no more than its byte, where a
 * list of pieces takes a hundred times the memory, and a source may use its own buffer again.
 */
export class Pieces {
  #full: Uint8Array[] = [];
  #block = new Uint8Array();
  #used = 0;
  #size = 0;

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  add(piece: Uint8Array): void {
    const length = piece.byteLength;
    if (this.#used + length > this.#block.byteLength) {
      if (this.#used > 0) this.#full.push(this.#filled());
      // The usual single piece fits exactly.
      this.#block = new Uint8Array(this.#size === 0 ? length : Math.max(BLOCK_BYTES, length));
      this.#used = 0;
    }
    if (length === 1)
      this.#block[this.#used] = piece[0] as number; // a call of `set` takes longer
    else this.#block.set(piece, this.#used);
    this.#used += length;
    this.#size += length;
  }

  /** Returns all bytes as one. */
  join(): Uint8Array {
    if (this.#full.length === 0) return this.#filled();
    const whole = new Uint8Array(this.#size);
    let offset = 0;
    for (const block of [...this.#full, this.#filled()]) {
      whole.set(block, offset);
      offset += block.byteLength;
    }
    return whole;
  }

  /** Releases all bytes. */
  clear(): void {
    this.#full = [];
    this.#block = new Uint8Array();
    this.#used = 0;
    this.#size = 0;
  }

  #filled(): Uint8Array {
    return this.#block.subarray(0, this.#used);
  }
}
