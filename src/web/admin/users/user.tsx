/** Shows a user, asks before each action on them, and runs it. */
import type { Request } from 'express'
import { changeableUser } from '../../../broker/access/change-user.ts'
import { targetUser } from '../../../broker/access/target.ts'
import type { User } from '../../../broker/ports/users.ts'
import { errorTable, GatehouseError } from '../../../errors.ts'
import { connectionLabel } from '../../../http/connection-labels.ts'
import { errorTextOf } from '../../../http/error-texts.ts'
import { pageNumber, pathPart, queryOf, textField } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { AdminCall } from '../administrator.ts'
import { namedUsers } from '../audit/party.tsx'
import { renderConfirmPage } from '../confirm-page.tsx'
import { freshSignInHref } from '../sign-in-again.ts'
import { noticeOf } from './notices.ts'
import { userActionPath, userPath } from './paths.ts'
import type { UserAction } from './user-actions.ts'
import { userName } from './user-names.ts'
import { userPage } from './user-page.tsx'
import { readUserRecord } from './user-record.ts'

export function readUserQuery(request: Request) {
  const query = queryOf(request)
  return {
    id: pathPart(request, 'id'),
    sessionsPage: pageNumber(query, 'sessions'),
    tokensPage: pageNumber(query, 'tokens'),
    notice: noticeOf(textField(query, 'notice', 32)),
  }
}

export async function showUser(call: AdminCall, { id, ...query }: ReturnType<typeof readUserQuery>): Promise<void> {
  const { shell, by, response } = call
  const { parts } = shell
  const user = await targetUser(parts, by, id)
  const record = await readUserRecord(shell, user)
  const isOperator = record.assignments.some(({ role }) => role === 'operator')
  const tenant = parts.connections.findTenant(user.tenant)
  const isConnectionRemoved = (connection: string) => !tenant?.connections.some(({ id }) => id === connection)
  const labelOf = (connection: string) => connectionLabel(parts.connections, user.tenant, connection)
  const mayChange = !isOperator || by.roles.includes('operator')
  const actors = [...record.events.map(({ actor }) => actor), ...record.assignments.map((each) => each.assignedBy)]
  const people = await namedUsers(shell, by, actors)
  const removed = { isTenantRemoved: tenant === undefined, isConnectionRemoved }
  sendPage(response, 200, userPage({ by, record, labelOf, ...removed, mayChange, people, now: parts.now(), ...query }))
}

/** Reads the target from the URL of a confirm page and of its form. */
export const readActionTarget = (request: Request) => ({
  id: pathPart(request, 'id'),
  item: pathPart(request, 'item'),
})
type ActionTarget = ReturnType<typeof readActionTarget>

export async function showUserAction(call: AdminCall, action: UserAction, { id, item }: ActionTarget): Promise<void> {
  const user = await changeableUser(call.shell.parts, call.by, id)
  await renderQuestion(call, action, user, item)
}

export async function submitUserAction(call: AdminCall, action: UserAction): Promise<void> {
  const { shell, by, request, response } = call
  const { id, item } = readActionTarget(request)
  try {
    const notice = await action.run(shell.parts, by, id, item)
    redirect(response, `${userPath(id)}?notice=${notice}`)
  } catch (error) {
    if (!isShownOnPage(error)) throw error
    await renderQuestion(call, action, await changeableUser(shell.parts, by, id), item, error)
  }
}

const isShownOnPage = (error: unknown): error is GatehouseError =>
  error instanceof GatehouseError &&
  ['request_invalid', 'too_many_attempts', 'fresh_sign_in_required'].includes(error.code)

async function renderQuestion(call: AdminCall, action: UserAction, user: User, item: string, error?: GatehouseError) {
  const { shell, by, response } = call
  const path = userActionPath(user.id, action.path, item)
  const { text, ...question } = action.ask(userName(user), item, user.status)
  const needsSignIn = action.needsFreshSignIn === true
  const html = renderConfirmPage({
    section: 'users',
    by,
    tenant: user.tenant,
    ...question,
    action: path,
    cancelHref: userPath(user.id),
    error: error === undefined || error.code === 'fresh_sign_in_required' ? undefined : errorTextOf(error),
    signInAgainHref: needsSignIn ? await freshSignInHref(shell, by, path) : undefined,
    children: <p>{text}</p>,
  })
  sendPage(response, error === undefined ? 200 : errorTable[error.code].status, html)
}
