import { GatehouseError } from '../errors.ts'
import type { Tenant } from '../tenant.ts'

const maxLength = 2048

/**
 * Where the browser may go after a login, as an absolute address: ours, or one whose origin the tenant registered. Everything else
 * is refused when it is stored, not when it is used (OP-27): `//evil`, `/\evil`, `javascript:`, user names, control characters.
 * Throws `return_refused`.
 */
export function checkReturnAddress(
  given: string,
  tenant: Pick<Tenant, 'id' | 'returnOrigins'>,
  publicUrl: URL,
): string {
  const refuse = (got: string) =>
    new GatehouseError('return_refused', `return address of tenant ${tenant.id} refused: ${got}`, {
      check: {
        name: 'return address',
        ok: false,
        expected: [publicUrl.origin, ...tenant.returnOrigins].join(', '),
        got,
      },
    })
  if (given.length > maxLength) throw refuse(`${given.length} characters`)
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(given)) throw refuse('characters no address may have')
  if (given.startsWith('//') || !URL.canParse(given, publicUrl.origin)) throw refuse(given.slice(0, 100))
  if (!given.startsWith('/') && !/^https?:\/\//.test(given)) throw refuse(given.slice(0, 100))
  const address = new URL(given, publicUrl)
  if (address.username !== '' || address.password !== '') throw refuse('an address with a user name')
  if (address.origin !== publicUrl.origin && !tenant.returnOrigins.includes(address.origin))
    throw refuse(address.origin)
  return address.href
}
