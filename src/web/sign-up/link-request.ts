/** Requests to the pages that email a link. */
import type { Request } from 'express'
import { type LinkPurpose, linkConnection } from '../../broker/login/password-link.ts'
import { GatehouseError } from '../../errors.ts'
import { type LoginParams, readLoginParams } from '../../http/destination.ts'
import { fieldsOf, textField } from '../../http/fields.ts'
import type { Tenant } from '../../tenant.ts'
import { type LoginPorts, tenantOf } from '../sign-in/login.ts'
import { openEmailQuery, openNameQuery } from '../sign-in/prefilled-email.ts'

export const requestPaths = { 'sign-up': '/sign-up', reset: '/forgot' } as const satisfies Record<LinkPurpose, string>

export interface LinkRequest {
  readonly purpose: LinkPurpose
  readonly tenant: Tenant
  readonly connection: string
  readonly params: LoginParams & { readonly tenant: string }
  readonly email: string | undefined
  readonly name: string | undefined
  /** "Send again" on the page that followed. */
  readonly isAgain: boolean
}

/**
 * The query or form of a page that asks for an email. Throws `connection_unknown` if the tenant
 * has no passwords, or no sign-up.
 */
export function readLinkRequest(purpose: LinkPurpose) {
  return (
    request: Request,
    shell: Pick<LoginPorts, 'defaultTenant' | 'keyRing' | 'parts' | 'tenants'>,
  ): LinkRequest => {
    const fields = fieldsOf(request)
    const params = tenantOf(shell, readLoginParams(fields))
    if (params === null) throw new GatehouseError('connection_unknown', 'no tenant named')
    const { tenant, settings } = linkConnection(shell.parts, params.tenant, purpose)
    const isAgain = textField(fields, 'again', 8) !== undefined
    const email = openEmailQuery(shell.keyRing, fields) ?? textField(fields, 'email', 254)
    const name = openNameQuery(shell.keyRing, fields) ?? textField(fields, 'name', 256)
    return { purpose, tenant, params, name, isAgain, connection: settings.id, email: email?.trim() }
  }
}
