/** Statistics are kept in spans of five minutes, which start at full multiples of five minutes. */
export const spanMs = 300_000

export const startOfSpan = (at: Date, ms = spanMs) => new Date(at.getTime() - (at.getTime() % ms))
