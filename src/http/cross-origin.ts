/**
 * Pages of an app may exchange what they hold for a session: at this one address browsers let them read the answer, those of the tenant's
 * `returnOrigins` alone. Never with cookies, and nowhere else in the API.
 */
import type { Request, RequestHandler, Response } from 'express'
import type { Tenant } from '../tenant.ts'
import type { Shell } from './shell.ts'

export const exchangePath = '/api/v1/sessions/exchange'

/** The longest that Chromium keeps an answer to a preflight. */
const preflightSeconds = 7200

type Tenants = ReadonlyMap<string, Tenant>

const originsOf = new WeakMap<Tenants, ReadonlySet<string>>()

/** A preflight does not say for whom it asks: any tenant that names the origin will do, and the answer itself looks at its own. */
export function answerPreflight({ tenants }: Pick<Shell, 'tenants'>): RequestHandler {
  return (request, response) => {
    const { origin } = request.headers
    response.vary('origin')
    if (origin !== undefined && allOrigins(tenants).has(origin))
      response.set({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': String(preflightSeconds),
      })
    response.status(204).end()
  }
}

function allOrigins(tenants: Tenants): ReadonlySet<string> {
  const known = originsOf.get(tenants)
  if (known !== undefined) return known
  const made = new Set([...tenants.values()].flatMap(({ returnOrigins }) => returnOrigins))
  originsOf.set(tenants, made)
  return made
}

/** Lets the page that asks read what follows, where the tenant names its origin; takes back what was said for another tenant. */
export function tellOrigin(
  { tenants }: Pick<Shell, 'tenants'>,
  request: Request,
  response: Response,
  tenant: string | undefined,
): void {
  const { origin } = request.headers
  response.vary('origin')
  const isNamed = origin !== undefined && tenants.get(tenant ?? '')?.returnOrigins.includes(origin)
  if (!isNamed) return void response.removeHeader('access-control-allow-origin')
  response.set({ 'access-control-allow-origin': origin, 'access-control-expose-headers': 'retry-after, x-request-id' })
}
