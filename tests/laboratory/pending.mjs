// The cases that fail until something is built, by what has to be built. A case that passes comes off the list.

export const PENDING = new Map([]);
