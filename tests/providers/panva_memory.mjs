// What oidc-provider remembers, for the life of the process: instances that follow each other share it.

const kept = new Map();

export class Memory {
  constructor(model) {
    this.model = model;
  }

  async upsert(id, payload) {
    kept.set(this.#key(id), payload);
  }

  async find(id) {
    return kept.get(this.#key(id));
  }

  async findByUid(uid) {
    return this.#all()
      .map(([, payload]) => payload)
      .find((payload) => payload.uid === uid);
  }

  async consume(id) {
    kept.get(this.#key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    kept.delete(this.#key(id));
  }

  async revokeByGrantId(grantId) {
    for (const [key, payload] of this.#all()) if (payload.grantId === grantId) kept.delete(key);
  }

  #key(id) {
    return `${this.model}:${id}`;
  }

  #all() {
    return [...kept].filter(([key]) => key.startsWith(`${this.model}:`));
  }
}
