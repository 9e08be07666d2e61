// Numbers out of a seed: the same for the same seed.

/// A linear congruential generator (Numerical Recipes).
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  below(bound) {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * bound);
  }

  oneOf(list) {
    return list[this.below(list.length)];
  }

  /// True once in so many times.
  once(times) {
    return this.below(times) === 0;
  }

  some(max, make) {
    return Array.from({ length: this.below(max + 1) }, make);
  }
}
