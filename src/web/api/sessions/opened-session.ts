/** Response of a sign-in by the API. */
import type { SignedIn } from '../../../broker/login/outcome.ts'
import { GatehouseError } from '../../../errors.ts'
import { sessionView } from '../../../http/views.ts'
import { exampleSession, exampleToken } from '../openapi/examples.ts'
import { answer } from '../route.ts'
import { schemas } from '../schemas.ts'

const example = { token: exampleToken, session: exampleSession }
export const signedInAnswer = answer(201, 'Signed in.', schemas.NewSession, example)

export const newSessionView = ({ token, session }: Pick<SignedIn, 'token' | 'session'>) => ({
  token,
  session: sessionView(session),
})

export const openedAnswer = answer(201, 'Signed in.', schemas.OpenedSession, example)

export const cookieErrors = ['origin_refused', 'cross_site_refused'] as const

interface Delivery {
  readonly cookie?: boolean | undefined
  readonly token?: boolean | undefined
}

/** With a cookie, the token is left out unless requested: HttpOnly keeps it from scripts. */
export function openedSessionView(signedIn: SignedIn, { cookie = false, token = false }: Delivery) {
  return token || !cookie ? newSessionView(signedIn) : { session: sessionView(signedIn.session) }
}

/** Throws `request_invalid`: no tenant is named, and the deployment has no default. */
export function requiredTenant(tenant: string | undefined): string {
  if (tenant !== undefined) return tenant
  throw new GatehouseError('request_invalid', 'tenant is missing', { text: 'The tenant is missing.' })
}
