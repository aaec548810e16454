/**
 * Access to the admin pages: an administrator who signed in within the last hour. While a store is
 * unavailable, this process still knows the administrators it served before, so that they can read
 * its problems.
 */
import type { Request } from 'express'
import type { z } from 'zod'
import { authorize, isAuthorized } from '../../broker/access/authorize.ts'
import { assignOperatorCommand, hasOperator } from '../../broker/access/first-operator.ts'
import type { Permission } from '../../broker/access/permission.ts'
import { type Administrator, recordedTenant, targetTenant } from '../../broker/access/target.ts'
import { isFresh } from '../../broker/identity/fresh-sign-in.ts'
import { signInMethods } from '../../broker/identity/sign-in-methods.ts'
import { isLive, type Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { parseBody } from '../../http/fields.ts'
import { asGatehouseError } from '../../http/problem.ts'
import { redirect } from '../../http/respond.ts'
import { signInAgainHref } from '../account/sign-in-methods.ts'
import type { WebRoute } from '../route.ts'
import type { Call, Shell, WithParts } from '../shell.ts'
import { currentSession } from '../sign-in/current-session.ts'
import { forget, isOutage, knownAdministrator, remember } from './known-administrators.ts'

/** Administrators are asked to sign in again after this time. */
export const maxSignInAgeMs = 3_600_000

export interface AdminCall extends Call {
  readonly by: Administrator
}

type AdminHandler<V> = (call: AdminCall, value: V) => Promise<void>

interface AdminPageOptions {
  /**
   * Shown to a known administrator while a store is unavailable: no personal data. Default false.
   */
  readonly duringOutage?: boolean
}

/** A page below `/admin`. Its handler receives what `read` made of the request. */
export function adminPage<V>(
  path: string,
  permission: Permission,
  read: (request: Request) => V,
  handler: AdminHandler<V>,
  { duringOutage = false }: AdminPageOptions = {},
): WebRoute {
  return {
    method: 'get',
    path,
    caller: 'administrator',
    permission,
    handler: async (call) => {
      const by = await pageAdministrator(call, permission, duringOutage)
      if (by !== null) await handler({ ...call, by }, read(call.request))
    },
  }
}

/** A form of an admin page. Throws `session_invalid` and `fresh_sign_in_required`. */
export function adminForm<F extends z.ZodType>(
  path: string,
  permission: Permission,
  form: F,
  handler: AdminHandler<z.output<F>>,
): WebRoute {
  return {
    method: 'post',
    path,
    caller: 'administrator form',
    permission,
    form,
    handler: async (call) => {
      const session = await currentSession(call)
      if (session === null) throw new GatehouseError('session_invalid', 'no live session')
      const roles = await authorize(call.shell.parts, session, permission)
      await requireRecentSignIn(call.shell, session)
      await handler({ ...call, by: { session, roles } }, parseBody(form, call.request.body))
    },
  }
}

/** Throws `fresh_sign_in_required`. */
export async function requireRecentSignIn({ parts }: WithParts<'connections' | 'users' | 'now'>, session: Session) {
  if (!(await isFresh(parts, session, maxSignInAgeMs)))
    throw new GatehouseError('fresh_sign_in_required', 'the last sign-in is more than an hour ago', {
      text: 'Administration needs a sign-in of the last hour. Sign in again.',
    })
}

/** Whether the same request would be permitted now, for a response that takes long. */
export async function isStillPermitted(
  { parts }: Pick<Shell, 'parts'>,
  { session: { id, authenticatedAt } }: Administrator,
  permission: Permission,
): Promise<boolean> {
  const now = parts.now()
  if (now.getTime() - authenticatedAt.getTime() > maxSignInAgeMs) return false
  try {
    const session = await parts.sessions.find(id)
    return session !== null && isLive(session, now) && (await isAuthorized(parts, session, permission))
  } catch (error) {
    return isOutage(error)
  }
}

/** Null after a redirect to a page that signs the user in (again) and returns here. */
async function pageAdministrator(
  call: Call,
  permission: Permission,
  duringOutage: boolean,
): Promise<Administrator | null> {
  const { shell, request, response } = call
  try {
    const session = await currentSession(call)
    if (session === null) {
      forget(call)
      return askToSignIn(call)
    }
    const roles = await authorizeOrExplain(shell, session, permission)
    if (await isFresh(shell.parts, session, maxSignInAgeMs)) return await remember(call, { session, roles })
    const methods = await signInMethods(shell.parts, session.tenant, session.userId)
    redirect(response, signInAgainHref(session, methods, request.originalUrl))
    return null
  } catch (error) {
    if (asGatehouseError(error).code === 'permission_refused') forget(call)
    const mayBeKnown = duringOutage && isOutage(error)
    const known = mayBeKnown ? await knownAdministrator(call, permission, maxSignInAgeMs) : undefined
    if (known === undefined) throw error
    return known
  }
}

/** Explains how to become the first operator, while there is none. Throws `permission_refused`. */
async function authorizeOrExplain({ parts }: Shell, session: Session, permission: Permission) {
  try {
    return await authorize(parts, session, permission)
  } catch (error) {
    if (asGatehouseError(error).code !== 'permission_refused' || (await hasOperator(parts))) throw error
    const { email } = session.profile
    const command = assignOperatorCommand(session.tenant, email?.verified ? email.address : undefined)
    throw new GatehouseError('permission_refused', 'there is no operator yet', {
      text: `This deployment has no operator yet. To become its operator, run on its server: ${command} – and open this page again.`,
    })
  }
}

function askToSignIn({ request, response }: Call): null {
  redirect(response, withQuery('/login', { return_to: request.originalUrl }))
  return null
}

/**
 * The tenant that a list is about. Undefined: all, for an operator who names none. An admin's is
 * their own. Throws `not_found`, which is recorded.
 */
export async function listedTenant(
  { parts }: Pick<Shell, 'parts'>,
  by: Administrator,
  tenant: string | undefined,
  find = targetTenant,
): Promise<string | undefined> {
  if (tenant === undefined && by.roles.includes('operator')) return undefined
  return find(parts, by, tenant)
}

/** Of stored records: a tenant that was removed from the configuration still has some. */
export const listedTenantOfRecords = (
  shell: Pick<Shell, 'parts'>,
  by: Administrator,
  tenant: string | undefined,
): Promise<string | undefined> => listedTenant(shell, by, tenant, recordedTenant)
