import type { Random } from '../random';

/** A set from which a random member can be picked in constant time. */
export class Pool<T> {
  readonly #random: Random;
  readonly #members: T[] = [];
  readonly #places = new Map<T, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#members.length;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#members[Symbol.iterator]();
  }

  add(member: T): void {
    this.#places.set(member, this.#members.push(member) - 1);
  }

  delete(member: T): void {
    const place = this.#places.get(member);
    if (place === undefined) return;
    this.#places.delete(member);
    const last = this.#members.pop() as T;
    if (last === member) return;
    this.#members[place] = last;
    this.#places.set(last, place);
  }

  /** Returns a member that matches, if a few tries find one. */
  pick(fits: (member: T) => boolean = () => true): T | undefined {
    for (let tries = 0; tries < 8; tries++) {
      const member = this.#members[Math.floor(this.#random() * this.#members.length)];
      if (member !== undefined && fits(member)) return member;
    }
    return undefined;
  }
}
