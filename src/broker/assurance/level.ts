/** Levels of authentication, and the `acr` values that name them (OpenID Connect Core 2). Pure. */

/** `second factor`: multi-factor, here or upstream. `phishing-resistant`: a passkey. */
export type Level = 'none' | 'second factor' | 'phishing-resistant'

export type RequiredLevel = Exclude<Level, 'none'>

export const acrs = { mfa: 'urn:gatehouse:acr:mfa', phr: 'urn:gatehouse:acr:phr' } as const

/** `acr` values that apps may request, in the order of discovery. */
const levels: ReadonlyMap<string, RequiredLevel> = new Map([
  [acrs.mfa, 'second factor'],
  [acrs.phr, 'phishing-resistant'],
  ['http://schemas.openid.net/pape/policies/2007/06/multi-factor', 'second factor'],
  ['phr', 'phishing-resistant'],
])

export const requestableAcrs: readonly string[] = [...levels.keys()]

/** Undefined for a value that only an upstream can reach. */
export const levelOfAcr = (acr: string): RequiredLevel | undefined => levels.get(acr)

const order: readonly Level[] = ['none', 'second factor', 'phishing-resistant']

export const levelRank = (level: Level): number => order.indexOf(level)

export const meets = (achieved: Level, required: Level): boolean => levelRank(achieved) >= levelRank(required)

export const higherOf = (one: Level, other: Level): Level => (meets(one, other) ? one : other)
