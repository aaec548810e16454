import type { Session } from './session.ts'

const level =
  /^(?:urn:gatehouse:acr:(?:mfa|phr)|http:\/\/schemas\.openid\.net\/pape\/policies\/2007\/06\/multi-factor)$/

/** Whether a second factor was proven, to Gatehouse or to the upstream. Pure. */
export function isMultiFactor({ factorAt, acr, amr }: Pick<Session, 'factorAt' | 'acr' | 'amr'>): boolean {
  return factorAt !== undefined || level.test(acr ?? '') || amr?.includes('mfa') === true
}
