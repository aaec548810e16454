/** For what comes soon, but late on a busy machine. */
export const waitOptions = { timeout: 60_000, interval: 20 }
