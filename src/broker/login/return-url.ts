import { checkOf, GatehouseError } from '../../errors.ts'
import { unencodedCharacter } from '../../primitives/address-characters.ts'
import { isSameSite } from '../../primitives/same-site.ts'
import type { Tenant } from '../../tenant.ts'

const maxLength = 2048

/** Returns the address if a login may go there (OP-27). Throws `return_to_refused`. */
export function checkReturnUrl(given: string, tenant: Pick<Tenant, 'id' | 'returnOrigins'>, publicUrl: URL): string {
  const refuse = (got: string, text?: string) =>
    new GatehouseError('return_to_refused', `return address of tenant ${tenant.id} refused: ${got}`, {
      check: checkOf('return address', false, [publicUrl.origin, ...tenant.returnOrigins].join(', '), got),
      ...(text !== undefined && { text }),
    })
  if (given.length > maxLength) throw refuse(`${given.length} characters`)
  const wrong = unencodedCharacter(given)
  if (wrong !== undefined) throw refuse(wrong, `The return address ${wrong}. Please tell the people who run that app.`)
  const address = /^(\/(?!\/)|https?:\/\/)/.test(given) ? URL.parse(given, publicUrl.origin) : null
  if (address === null) throw refuse(given.slice(0, 100))
  if (address.username !== '' || address.password !== '') throw refuse('an address with a user name')
  if (address.origin === publicUrl.origin) return address.href
  if (!tenant.returnOrigins.includes(address.origin)) throw refuse(address.origin)
  if (!isSameSite(address, publicUrl)) throw refuse(`${address.origin}, on another site`, elsewhere(address, publicUrl))
  return address.href
}

const elsewhere = ({ origin }: URL, publicUrl: URL) =>
  `${origin} is on another site than ${publicUrl.origin}, where our cookie does not go. An app there signs users in at ${publicUrl.origin}/oauth2/auth.`

/**
 * The app that a login is for, if it began at an authorization request
 * (web/consent/app-sign-in.ts).
 */
export function appOf(returnTo = ''): { readonly app?: string } {
  if (!returnTo.includes('/consent/')) return {}
  const app = URL.parse(returnTo, 'https://gatehouse.invalid')?.searchParams.get('app') ?? ''
  return /^[\w.:-]{1,100}$/.test(app) ? { app } : {}
}
