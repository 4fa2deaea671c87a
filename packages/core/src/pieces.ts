const BLOCK_BYTES = 16_384;

/**
 * Collects bytes that arrive in pieces. Small ones are copied into blocks: a piece of one byte then costs no more than its byte,
 * where a list of pieces takes a hundred times the memory. Large ones are kept until all are joined, because a copy of each would
 * be a second body in memory.
 */
export class Pieces {
  #parts: Uint8Array[] = [];
  #block = new Uint8Array();
  #used = 0;
  #size = 0;

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  add(piece: Uint8Array): void {
    const length = piece.byteLength;
    if (length >= BLOCK_BYTES) {
      this.#closeBlock();
      this.#parts.push(piece);
    } else {
      if (this.#used + length > this.#block.byteLength) {
        this.#closeBlock();
        // The usual single piece fits exactly.
        this.#block = new Uint8Array(this.#size === 0 ? length : BLOCK_BYTES);
      }
      if (length === 1)
        this.#block[this.#used] = piece[0] as number; // a call of `set` takes longer
      else this.#block.set(piece, this.#used);
      this.#used += length;
    }
    this.#size += length;
  }

  /** Returns all bytes as one, in memory that no source can change, and releases the pieces. */
  join(): Uint8Array {
    let whole = this.#filled();
    if (this.#parts.length > 0) {
      this.#closeBlock();
      whole = new Uint8Array(this.#size);
      let offset = 0;
      for (const part of this.#parts) {
        whole.set(part, offset);
        offset += part.byteLength;
      }
    }
    this.clear();
    return whole;
  }

  /** Releases all bytes. */
  clear(): void {
    this.#parts = [];
    this.#block = new Uint8Array();
    this.#used = 0;
    this.#size = 0;
  }

  #closeBlock(): void {
    if (this.#used > 0) this.#parts.push(this.#filled());
    this.#block = new Uint8Array();
    this.#used = 0;
  }

  #filled(): Uint8Array {
    return this.#block.subarray(0, this.#used);
  }
}
